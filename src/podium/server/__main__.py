import sys

from podium.server.main import main

sys.exit(main(sys.argv[1:]))
