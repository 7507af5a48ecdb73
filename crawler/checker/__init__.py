"""The judge and the advice for people: one site, a folder, a page, the small web server."""
