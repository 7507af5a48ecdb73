-- Which address answered for each host's home page, the latest last.
SELECT host, final_url FROM v_captures
WHERE resource = '/' AND status IS NOT NULL AND NOT superseded
ORDER BY fetched_at, capture_id
