"""``python -m xinlian.cli``."""

from xinlian.cli.app import main

if __name__ == "__main__":
    main()
