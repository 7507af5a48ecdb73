"""robots.txt: lines and groups, and three readers of them: RFC 9309, Google and Protego."""
