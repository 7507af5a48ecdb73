"""Running things: Scrapy's parts, a survey run, judging a stored wave, worker processes."""
