# Prints meta_analysis.json: what R's metafor says of sites' estimates, pooled by random effects.
#
#   Rscript tests/golden/meta_analysis.R ../shared/data/split > tests/golden/meta_analysis.json
#
# heart4: the records of the shared splits, by the hospital they came from. bcg: the thirteen trials of BCG vaccine of Colditz
# et al. (JAMA 1994), whose counts metafor brings along; they are printed, too. R stops a few digits early: `tight` goes on.
suppressMessages(library(metafor))
folder <- commandArgs(trailingOnly = TRUE)[1]
tight <- list(threshold = 1e-15, maxiter = 10000, tol = 1e-15)

number <- function(x) formatC(x, digits = 17, format = "g", width = 1)
list_of <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
entries <- character()
entry <- function(name, fields)
  entries <<- c(entries, paste0("  \"", name, "\": {\n", paste0("    \"", names(fields), "\": ", fields, collapse = ",\n"), "\n  }"))
pooled <- function(name, estimates) for (method in c("DL", "REML")) {
  fit <- rma(yi, vi, data = estimates, method = method, control = tight)
  between <- if (fit$tau2 < 1e-12) 0 else fit$tau2  # where 0 is the answer, halving steps comes near it only
  entry(paste(name, method), list(pooled = list_of(c(fit$beta, fit$ci.lb, fit$ci.ub)), z = number(fit$zval), p = number(fit$pval),
                                  se = number(fit$se), between = number(between), Q = number(fit$QE), p_Q = number(fit$QEp)))
}

heart <- do.call(rbind, lapply(list.files(folder, "^site", full.names = TRUE), function(site) read.csv(file.path(site, "heart4.csv"))))
heart$ill <- heart$num > 0
sites <- split(heart, heart$site)
table <- t(sapply(sites, function(r) c(sum(r$sex == 1 & r$ill), sum(r$sex == 1 & !r$ill), sum(r$sex == 0 & r$ill), sum(r$sex == 0 & !r$ill))))
moments <- t(sapply(sites, function(r) c(sapply(1:0, function(s) mean(r$age[r$sex == s])), sapply(1:0, function(s) sd(r$age[r$sex == s])),
                                         sapply(1:0, function(s) sum(r$sex == s)))))
four <- function(measure, counts) escalc(measure, ai = counts[, 1], bi = counts[, 2], ci = counts[, 3], di = counts[, 4])
pooled("heart4 log_odds_ratio", four("OR", table))
pooled("heart4 log_risk_ratio", four("RR", table))
pooled("heart4 risk_difference", four("RD", table))
pooled("heart4 logit", escalc("PLO", xi = table[, 1] + table[, 3], ni = rowSums(table)))
pooled("heart4 mean_difference", escalc("MD", m1i = moments[, 1], m2i = moments[, 2], sd1i = moments[, 3], sd2i = moments[, 4],
                                        n1i = moments[, 5], n2i = moments[, 6]))
bcg <- as.matrix(dat.bcg[, c("tpos", "tneg", "cpos", "cneg")])
entry("bcg counts", list(vaccinated_ill = list_of(bcg[, 1]), vaccinated_well = list_of(bcg[, 2]), control_ill = list_of(bcg[, 3]),
                         control_well = list_of(bcg[, 4])))
for (measure in c(OR = "OR", RR = "RR", RD = "RD"))
  pooled(paste("bcg", c(OR = "log_odds_ratio", RR = "log_risk_ratio", RD = "risk_difference")[measure]), four(measure, bcg))
cat("{\n", paste(entries, collapse = ",\n"), "\n}\n", sep = "")
