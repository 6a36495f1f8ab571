"""OpenStack Swift with its S3 interface, whole, as one process: account, container, object and proxy server.

    python tests/helpers/swift_process.py FOLDER PORT [CERTIFICATE_AND_KEY]

Never imported by a test: Swift's servers run on eventlet, which changes the standard library of the process it is in.
FOLDER keeps the data and is made at the first start; PORT is the S3 interface's on 127.0.0.1. `ready` in FOLDER appears
once it answers. Rule of this file: everything Swift does is Swift's own code; this only writes its configuration.
"""

import os
import sys
from pathlib import Path

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402 - the standard library is changed first
from swift.common import utils  # noqa: E402

FOLDER, PORT = Path(sys.argv[1]), int(sys.argv[2])
utils.SWIFT_CONF_FILE = str(FOLDER / "swift.conf")  # /etc/swift otherwise

PIPELINE = "catch_errors gatekeeper listing_formats s3api tempauth slo proxy-server"
PROXY = f"""[DEFAULT]
swift_dir = {FOLDER}
[pipeline:main]
pipeline = {PIPELINE}
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_gateway = synthetic .admin
user_test_stranger = synthetic
""" + "".join(
    f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in ("catch_errors", "gatekeeper", "listing_formats", "slo")
)
BACKEND = """[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""


def main() -> None:
    """Serve until the process is ended."""
    (FOLDER / "devices" / "sda").mkdir(parents=True, exist_ok=True)
    (FOLDER / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_suffix = synthetic\n[storage-policy:0]\nname = one\ndefault = yes\n"
    )
    listeners = {kind: eventlet.listen(("127.0.0.1", 0)) for kind in ("account", "container", "object")}
    front = eventlet.listen(("127.0.0.1", PORT))
    from swift.common.ring import RingBuilder

    for kind, listener in listeners.items():
        builder = RingBuilder(part_power=1, replicas=1, min_part_hours=0)
        place = {"ip": "127.0.0.1", "port": listener.getsockname()[1], "device": "sda"}
        builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "meta": "", **place})
        builder.rebalance()
        builder.get_ring().save(str(FOLDER / f"{kind}.ring.gz"))
        (FOLDER / f"{kind}.conf").write_text(BACKEND.format(folder=FOLDER, kind=kind))
    (FOLDER / "proxy.conf").write_text(PROXY)
    if len(sys.argv) > 3:
        front = eventlet.wrap_ssl(front, certfile=sys.argv[3], keyfile=sys.argv[3], server_side=True)
    from swift.common.http_protocol import SwiftHttpProtocol
    from swift.common.wsgi import loadapp

    threads = []
    for kind, listener in {**listeners, "proxy": front}.items():
        app = loadapp(str(FOLDER / f"{kind}.conf"), global_conf={"log_level": "ERROR"})
        threads.append(eventlet.spawn(wsgi.server, listener, app, protocol=SwiftHttpProtocol, log_output=False))
    ready = FOLDER / "ready.new"
    ready.write_text(str(os.getpid()))
    ready.rename(FOLDER / "ready")
    for thread in threads:
        thread.wait()


if __name__ == "__main__":
    main()
