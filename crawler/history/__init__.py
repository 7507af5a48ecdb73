"""What public crawls took, and what robots.txt said then: Common Crawl, Wayback, WARC files."""
