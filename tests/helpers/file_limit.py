"""Set the largest file another process may write: `file_limit.py PID BYTES`, -1 for no limit (Linux prlimit)."""

import resource
import sys

process, most = int(sys.argv[1]), int(sys.argv[2])
_, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY if most < 0 else most, hard))
