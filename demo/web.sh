#!/bin/sh
# The demo's web server: answers every request with its task's id and revision, as the task metadata
# endpoint tells them. Ends on SIGTERM.
task=$(wget -qO- "$ECS_CONTAINER_METADATA_URI_V4/task")
field() { printf '%s' "$task" | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
arn=$(field TaskARN)
mkdir -p /tmp/www
printf '{"task": "%s", "family": "%s", "revision": "%s", "version": "%s"}\n' \
  "${arn##*/}" "$(field Family)" "$(field Revision)" "${VERSION:-}" >/tmp/www/index.html
httpd -f -p 8080 -h /tmp/www &
trap 'kill $!; exit 0' TERM
wait
