# Models of competing risks that the public golden files do not hold, by R's cmprsk (2.2-11 of Debian 12):
#   Rscript tests/golden/fine_gray.R ../shared/data/survival > tests/golden/fine_gray.json
library(cmprsk)
folder <- commandArgs(TRUE)[1]
table <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), check.names = FALSE)
numbers <- function(x) paste0("[", paste(formatC(unname(x), digits = 17, format = "g"), collapse = ", "), "]")

entries <- c()
model <- function(name, data, formula, event, cause) {
  used <- data[complete.cases(data[, all.vars(formula)]), ]
  x <- model.matrix(formula, used)[, -1, drop = FALSE]
  at <- function(beta, most) crr(used$etime, event(used), x, failcode = cause, cencode = 0, init = beta, maxiter = most)
  fit <- at(rep(0, ncol(x)), 50)
  stopifnot(fit$converged)
  null <- fit$loglik.null
  # crr ends where its likelihood has no more digits; a step by its own score and information goes on to where they end.
  for (i in 1:3) fit <- at(fit$coef + solve(fit$inf, fit$score)[seq_len(ncol(x))], 0)
  entries <<- c(entries, sprintf(
    '  "%s": {"n": %d, "events": %d, "terms": ["%s"],\n    "coef": %s,\n    "vcov": %s,\n    "loglik": %s}',
    name, nrow(used), sum(event(used) == cause), paste(colnames(x), collapse = '", "'), numbers(fit$coef),
    numbers(fit$var), numbers(c(null, fit$loglik))))
}

m <- table("mgus2")
m$etime <- ifelse(m$pstat == 0, m$futime, m$ptime)
cause <- function(d) ifelse(d$pstat == 0, 2 * d$death, 1)
model("mgus2_death", m, ~ age + sex + hgb + creat + mspike, cause, 2)
model("mgus2_nobody_censored", m, ~ age + sex, function(d) ifelse(d$pstat == 1, 1, 2), 1)
p <- table("pbc")
p$etime <- p$time
p$stage <- factor(p$stage)
model("pbc_death", p, ~ age + stage + log(bili) + albumin, function(d) d$status, 2)
model("pbc_transplant", p, ~ age + log(bili), function(d) d$status, 1)
model("pbc_nothing_competes", p, ~ age + sex + log(bili), function(d) ifelse(d$status == 2, 1, 0), 1)
p$etime <- p$time %/% 365
model("pbc_years", p, ~ age + sex * log(bili), function(d) d$status, 2)
cat("{\n", paste(entries, collapse = ",\n"), "\n}\n", sep = "")
