# Prints what group_sequential_test.cc expects of boundaries for futility: R's rpact on trials that run as planned, and where
# looks are at other fractions than planned, the equations of beta spending solved with mvtnorm's normal probabilities.
#
#   Rscript tests/golden/futility_boundaries.R
suppressMessages({ library(rpact); library(mvtnorm) })
shown <- function(name, x) cat(name, formatC(x, digits = 10, format = "f"), "\n")
types <- c(obrien_fleming = "OF", pocock = "P")

planned <- function(alpha, beta, spending, futility, looks) {
  design <- getDesignGroupSequential(kMax = length(looks), alpha = alpha, beta = beta, sided = 1, informationRates = looks,
                                     typeOfDesign = paste0("as", types[spending]), typeBetaSpending = paste0("bs", types[futility]),
                                     bindingFutility = FALSE)
  cat("\n", alpha, beta, spending, futility, ":", looks, "\n")
  shown("efficacy", design$criticalValues)
  shown("futility", design$futilityBounds)
  drift <- sqrt(getDesignCharacteristics(design)$shift)
  shown("drift", drift)
  drift
}

drift <- planned(0.025, 0.1, "obrien_fleming", "obrien_fleming", c(1, 2, 3) / 3)
planned(0.05, 0.2, "pocock", "pocock", 1:5 / 5) -> unused
planned(0.025, 0.1, "obrien_fleming", "pocock", c(0.3, 0.5, 1)) -> unused

looks <- c(0.4, 0.6, 1)
efficacy <- getDesignGroupSequential(kMax = 3, alpha = 0.025, sided = 1, informationRates = looks, typeOfDesign = "asOF")$criticalValues
correlation <- outer(looks, looks, function(s, t) sqrt(pmin(s, t) / pmax(s, t)))
spent <- 2 * pnorm(-qnorm(1 - 0.1 / 2) / sqrt(looks))
first <- qnorm(spent[1]) + drift * sqrt(looks[1])
second <- uniroot(function(a) pmvnorm(c(first, -Inf), c(efficacy[1], a), drift * sqrt(looks[1:2]), corr = correlation[1:2, 1:2],
                                      algorithm = Miwa(steps = 4096)) - (spent[2] - spent[1]), c(-3, 3), tol = 1e-12)$root
cat("\nobrien_fleming, drift as planned first: looks at", looks, "\n")
shown("futility", c(first, second))
