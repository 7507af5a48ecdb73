# Run in the folder of a CSV export; needs nothing but R itself:
#   optout export --db survey.db --to out --format csv
# How many sites of each wave have which kind of robots.txt?
robots <- read.csv("v_robots.csv", na.strings = "", colClasses = c(status = "integer"))
# A leading ' guards spreadsheets against formulas from websites; take one off.
text <- vapply(robots, is.character, logical(1))
robots[text] <- lapply(robots[text], function(x) sub("^'", "", x))
print(table(robots$wave, robots$state))
