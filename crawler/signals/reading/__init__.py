"""What several signals share: which captures can be read, and the grammars that recur."""
