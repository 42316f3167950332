"""A login provider that speaks BundID's dialect of SAML 2.0, for tests.

python tests/peers/bundid serve --sp metadata.xml
python tests/peers/bundid mint --out DIR --sp-entity URL --acs URL --request-id ID --now 2026-11-01T11:00:00Z
"""

import argparse
from datetime import datetime, timezone
from pathlib import Path

from dom import read_instant

ENTITY = "https://idp.bundid.example/idp"


def main():
    parser = argparse.ArgumentParser(
        prog="bundid", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)

    serve = commands.add_parser("serve", help="a provider on this machine; prints where")
    serve.add_argument("--port", type=int, default=0, help="0: a free one")
    serve.add_argument("--idp-entity", default=ENTITY)
    serve.add_argument(
        "--keys", type=Path, required=True, help="folder of the provider's keys; made when they are missing"
    )
    serve.add_argument(
        "--sp",
        action="append",
        default=[],
        help="metadata of a service provider: file or http address; more by POST /sp",
    )
    serve.add_argument("--dialect", choices=("bundid", "plain"), default="bundid")
    serve.add_argument(
        "--clock", choices=("system", "request"), default="system", help="request: it is when the request says it is"
    )

    mint = commands.add_parser("mint", help="write the corpus of good and bad answers")
    mint.add_argument("--out", type=Path, required=True)
    mint.add_argument("--keys", type=Path, help="folder of all keys, default OUT/keys; made when they are missing")
    mint.add_argument("--idp-entity", default=ENTITY)
    mint.add_argument("--sp-entity", required=True)
    mint.add_argument("--acs", required=True)
    mint.add_argument("--request-id", required=True)
    mint.add_argument("--now", type=read_instant, default=datetime.now(timezone.utc))
    mint.add_argument("--level", type=int, default=3, help="the level that was asked for")
    mint.add_argument("--only", help="only cases whose name contains this")

    args = parser.parse_args()
    if args.command == "mint":
        from mint import mint as run
    else:
        from server import serve as run
    run(args)


if __name__ == "__main__":
    main()
