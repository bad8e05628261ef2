# What R makes of degenerate_records.py: prints degenerate.json.
#
#     python3 degenerate_records.py FOLDER && Rscript degenerate.R FOLDER > degenerate.json
#
# A quantity that R refuses, warns of (separated records, a coefficient without end) or gives as NaN is null.
suppressMessages(library(survival))
folder <- commandArgs(TRUE)[1]

number <- function(x) if (length(x) != 1 || !is.finite(x)) "null" else sprintf("%.17g", x)
attempt <- function(expression) tryCatch(expression, error = function(e) NA, warning = function(w) NA)
coefficients_of <- function(fit) {
  if (!is.list(fit)) return(NA)
  table <- summary(fit)$coefficients
  column <- if ("se(coef)" %in% colnames(table)) "se(coef)" else "Std. Error"
  as.vector(t(cbind(coef(fit), table[match(names(coef(fit)), rownames(table)), column])))
}

case <- function(file) {
  r <- read.csv(file, colClasses = c(arm = "factor", ill = "factor", stage = "factor"), na.strings = "")
  r$arm <- factor(r$arm, c("a", "b")); r$ill <- factor(r$ill, c("no", "yes")); r$stage <- factor(r$stage, 1:3)
  r <- transform(r, time = as.numeric(time), status = as.numeric(status), age = as.numeric(age))
  table <- table(r$arm, r$ill)
  quietly <- function(test) attempt(suppressWarnings(test))
  list(
    mean = tapply(r$age, r$arm, mean, na.rm = TRUE), sd = tapply(r$age, r$arm, sd, na.rm = TRUE),
    quantiles = attempt(quantile(r$age, c(.25, .5, .75), na.rm = TRUE)),
    welch = attempt(with(t.test(age ~ arm, r), c(statistic, parameter, p.value))),
    anova = attempt(anova(lm(age ~ stage, r))[1, c("F value", "Pr(>F)")]),
    mann_whitney = quietly(with(wilcox.test(age ~ arm, r, exact = FALSE), c(statistic, p.value))),
    kruskal_wallis = quietly(with(kruskal.test(age ~ stage, r), c(statistic, p.value))),
    chi_square = quietly(with(chisq.test(table), c(statistic, p.value))),
    fisher = attempt(fisher.test(table)$p.value),
    medians = if (nrow(r)) summary(survfit(Surv(time, status) ~ arm, r))$table else NA,
    log_rank = attempt(with(survdiff(Surv(time, status) ~ arm, r), c(chisq, obs, exp))),
    cox = coefficients_of(attempt(coxph(Surv(time, status) ~ age + arm, r, control = coxph.control(eps = 1e-12, toler.chol = 1e-13)))),
    logistic = coefficients_of(attempt(glm(ill ~ age + arm, binomial, r, control = glm.control(3e-14)))),
    linear = attempt(coefficients_of(lm(age ~ arm + stage, r)))
  )
}

tidy <- function(name, values) {
  if (name == "medians") values <- if (is.matrix(values)) values[, "median"] else c(values["median"], NA)
  unlist(values)
}

files <- sort(list.files(folder, "\\.csv$"))
blocks <- vapply(files, function(file) {
  found <- case(file.path(folder, file))
  lines <- vapply(names(found), function(name) {
    values <- tidy(name, found[[name]])
    sprintf('    "%s": [%s]', name, paste(vapply(values, number, ""), collapse = ", "))
  }, "")
  sprintf('  "%s": {\n%s\n  }', sub("\\.csv$", "", file), paste(lines, collapse = ",\n"))
}, "")
cat("{\n", paste(blocks, collapse = ",\n"), "\n}\n", sep = "")
