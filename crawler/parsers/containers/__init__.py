"""The bytes of a work (picture, sound, film, document) to its metadata segments; no judgement."""
