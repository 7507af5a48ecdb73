# Which share of the measured sites keeps each agent from its root, by RFC 9309?
# Run in the folder of a CSV export; needs nothing but R itself:
#   optout export --db survey.db --to out --format csv --table v_access
access <- read.csv("v_access.csv", na.strings = "", stringsAsFactors = FALSE)
# A leading ' guards spreadsheets against formulas from websites; take one off.
text <- vapply(access, is.character, logical(1))
access[text] <- lapply(access[text], function(x) sub("^'", "", x))
measured <- access[access$whole == 1, ]
measured$k <- as.integer(measured$root == "disallowed")
measured$n <- 1L
shares <- aggregate(cbind(k, n) ~ wave + agent, measured, sum)
shares$share <- round(shares$k / shares$n, 4)
shares <- shares[order(shares$wave, -shares$k, shares$agent, method = "radix"), ]
write.csv(shares, row.names = FALSE, quote = FALSE)
