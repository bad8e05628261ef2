# Prints more_models.json: what R says of models that the shared golden files lack.
#
#   Rscript tests/golden/more_models.R ../shared/data/split > tests/golden/more_models.json
#
# The records are those of the shared splits, all sites together. R stops a few digits before the solution: `tight` goes on.
folder <- commandArgs(trailingOnly = TRUE)[1]
pooled <- function(table) do.call(rbind, lapply(list.files(folder, "^site", full.names = TRUE), function(site)
  read.csv(file.path(site, paste0(table, ".csv")), stringsAsFactors = TRUE)))

tight <- glm.control(epsilon = 1e-300, maxit = 100)
pima <- rbind(pooled("pima_tr"), pooled("pima_te"))
birthwt <- pooled("birthwt")
birthwt$race <- factor(birthwt$race)

number <- function(x) ifelse(is.finite(x), formatC(x, digits = 17, format = "g", width = 1), "null")
list_of <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
entries <- character()
entry <- function(name, call, fields) {
  body <- paste0("    \"", names(fields), "\": ", fields, collapse = ",\n")
  entries <<- c(entries, paste0("  \"", name, "\": {\n    \"call\": \"", gsub("\"", "'", call), "\",\n", body, "\n  }"))
}

fitted_model <- function(name, call, ...) {
  fit <- eval(parse(text = call), globalenv())
  # The deviance stands still before the coefficients do.
  for (i in 1:25) fit <- update(fit, start = coef(fit))
  s <- summary(fit)
  t <- s$coefficients
  entry(name, call, c(
    terms = paste0("[", paste0("\"", rownames(t), "\"", collapse = ", "), "]"),
    coef = list_of(t[, 1]), se = list_of(t[, 2]), stat = list_of(t[, 3]), p = list_of(t[, 4]),
    wald_ci95_lower = list_of(confint.default(fit)[, 1]), wald_ci95_upper = list_of(confint.default(fit)[, 2]),
    n = number(nobs(fit)), deviance = number(fit$deviance), null_deviance = number(fit$null.deviance),
    df_residual = number(fit$df.residual), df_null = number(fit$df.null), aic = number(fit$aic),
    loglik = number(as.numeric(logLik(fit))), dispersion = number(s$dispersion)))
  invisible(fit)
}

# As ResourceSelection::hoslem.test.
calibration <- function(name, call, groups) {
  fit <- eval(parse(text = call), globalenv())
  y <- fit$y
  risk <- fitted(fit)
  g <- cut(risk, unique(quantile(risk, 0:groups / groups)), include.lowest = TRUE)
  observed <- cbind(tapply(1 - y, g, sum), tapply(y, g, sum))
  expected <- cbind(tapply(1 - risk, g, sum), tapply(risk, g, sum))
  statistic <- sum((observed - expected)^2 / expected)
  ranks <- rank(risk)
  area <- (sum(ranks[y == 1]) - sum(y) * (sum(y) + 1) / 2) / (sum(y) * sum(1 - y))
  entry(name, call, c(
    people = list_of(as.vector(table(g))), events = list_of(observed[, 2]), mean_risk = list_of(tapply(risk, g, mean)),
    statistic = number(statistic), df = number(nlevels(g) - 2),
    p = number(pchisq(statistic, nlevels(g) - 2, lower.tail = FALSE)), auc = number(area)))
}

everything <- "low ~ age + lwt + race + smoke + ptl + ht + ui + ftv"
calibration("calibration_birthwt", sprintf("glm(%s, binomial, birthwt, control = tight)", everything), 10)
calibration("calibration_pima", "glm(type ~ npreg + glu + bmi + ped + age, binomial, pima, control = tight)", 10)
calibration("calibration_pima_probit",
            "glm(type ~ npreg + glu + bmi + ped + age, binomial('probit'), pima, control = tight)", 8)

fitted_model("cloglog_birthwt", "glm(low ~ age + smoke + ht + ui, binomial('cloglog'), birthwt, control = tight)")
fitted_model("log_binomial_birthwt", "glm(low ~ smoke + ht + ui, binomial('log'), birthwt, control = tight, start = c(-1, 0, 0, 0))")
fitted_model("poisson_identity_birthwt", "glm(ptl + 1 ~ age + smoke, poisson('identity'), birthwt, control = tight)")
fitted_model("poisson_sqrt_birthwt", "glm(ftv ~ age + race, poisson('sqrt'), birthwt, control = tight)")
fitted_model("gamma_inverse_birthwt", "glm(lwt ~ age + race + smoke, Gamma, birthwt, control = tight)")
fitted_model("gamma_identity_birthwt", "glm(lwt ~ age + race + ht, Gamma('identity'), birthwt, control = tight)")
fitted_model("gaussian_birthwt", "glm(bwt ~ age + lwt + race + smoke, gaussian, birthwt, control = tight)")
fitted_model("gaussian_log_birthwt", "glm(lwt ~ age + race + ht, gaussian('log'), birthwt, control = tight)")
fitted_model("gaussian_inverse_birthwt", "glm(lwt ~ age + race, gaussian('inverse'), birthwt, control = tight)")

cat("{\n", paste(entries, collapse = ",\n"), "\n}\n", sep = "")
