"""`python -m crawler` is `optout`."""

from crawler.cli import main

if __name__ == "__main__":
    main()
