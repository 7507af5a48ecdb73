"""What every module of this room raises."""


class HistoryError(ValueError):
    """A file or an answer is not what it should be; the message says where and how."""
