"""PostgreSQL as an image, from Debian's packages: its server, psql, and a shell with a small web server beside them."""

import subprocess
from functools import cache
from pathlib import Path

from demo.image import docker

from packing import debian, layers

IMAGE = "podium/postgres:15"
_KEPT = Path(__file__).parent.parent.parent / "build" / "postgres"
_PACKAGES = ("busybox-static", "dash", "postgresql-15", "postgresql-client-15")
_UNNEEDED = debian.UNNEEDED - {"libpam0g"} | {"libllvm14", "libz3-4", "perl", "perl-modules-5.36", "locales"}
_WITHOUT = ("usr/lib/x86_64-linux-gnu/gconv/", "usr/lib/postgresql/15/lib/bitcode/", "usr/share/postgresql/15/tsearch")
_PEOPLE = b"root:x:0:0:root:/root:/bin/sh\npostgres:x:70:70::/var/lib/postgresql:/bin/sh\n"
_START = b"""\
#!/bin/sh
# Makes a database where there is none, and serves it to whoever reaches its port. Ends on SIGTERM, at once.
data=/var/lib/postgresql/data
bin=/usr/lib/postgresql/15/bin
mkdir -p $data/main /var/run/postgresql
chown -R postgres:postgres $data /var/run/postgresql
as_postgres() { su -s /bin/sh postgres -c "exec $*"; }
if [ ! -s $data/main/PG_VERSION ]; then
  as_postgres $bin/initdb -D $data/main -A trust -U postgres --no-locale -E UTF8 >/dev/null
  echo "host all all all trust" >>$data/main/pg_hba.conf
fi
as_postgres $bin/postgres -D $data/main -c listen_addresses=0.0.0.0 -c jit=off -c shared_buffers=16MB &
trap 'kill -INT $!; wait $!; exit 0' TERM
wait $!
"""


@cache
def postgres() -> str:
    """The name of the image, in Docker by now."""
    layer = debian.layer(debian.fetched(_PACKAGES, _KEPT, _UNNEEDED), _WITHOUT)
    layer.file("etc/passwd", _PEOPLE)
    layer.file("etc/group", b"root:x:0:\npostgres:x:70:\n")
    layer.file("usr/local/bin/database", _START, 0o755)
    layer.link("usr/local/bin/psql", "/usr/lib/postgresql/15/bin/psql")
    archive = layers.archive(IMAGE, [layer.tar()], {"Cmd": ["/usr/local/bin/database"]})
    subprocess.run([docker(), "load", "-q"], input=archive, check=True, capture_output=True)
    return IMAGE
