# Prints more_cox.json: what R's survival says of Cox models beyond golden/cox.json of the shared data.
#
#   Rscript tests/golden/more_cox.R ../shared/data/split > tests/golden/more_cox.json
#
# The records are those of the shared splits, all sites together. R stops a few digits before the maximum: `tight` goes on.
library(survival)
folder <- commandArgs(trailingOnly = TRUE)[1]
pooled <- function(table) do.call(rbind, lapply(list.files(folder, "^site", full.names = TRUE), function(site)
  cbind(read.csv(file.path(site, paste0(table, ".csv"))), site = basename(site))))

tight <- coxph.control(eps = 1e-15, toler.chol = 1e-13, iter.max = 50)
lung <- pooled("lung")
lung$w <- 0.5 + lung$age %% 4 / 2
lung$late <- lung$time %/% 3 * (lung$sex == 2)
veteran <- pooled("veteran")
veteran$celltype <- factor(veteran$celltype, c("squamous", "smallcell", "adeno", "large"))
heart <- pooled("heart")
heart$row <- seq_len(nrow(heart))
formulas <- list(
  lung = "Surv(time, status == 2) ~ age + sex + ph.ecog",
  lung_late = "Surv(late, time, status == 2) ~ age + ph.ecog",
  veteran = "Surv(time, status) ~ trt + celltype + karno + diagtime + age + prior",
  heart = "Surv(start, stop, event) ~ age + surgery + transplant")

number <- function(x) ifelse(is.finite(x), formatC(x, digits = 17, format = "g", width = 1), "null")
list_of <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
entries <- character()
entry <- function(name, call, fields) {
  body <- paste0("    \"", names(fields), "\": ", fields, collapse = ",\n")
  entries <<- c(entries, paste0("  \"", name, "\": {\n    \"call\": \"", gsub("\"", "'", call), "\",\n", body, "\n  }"))
}
fitted_model <- function(formula, data, ...) {
  call <- paste0("coxph(", paste(c(formula, data, ..., "control = tight"), collapse = ", "), ")")
  list(fit = eval(parse(text = call), globalenv()), call = call)
}
coefficients_of <- function(fit) {
  t <- summary(fit)$coefficients
  c(coef = list_of(t[, "coef"]), se = list_of(t[, "se(coef)"]))
}

# survival wants a cluster where there are entries: each row its own is what it takes by itself without them.
robust <- function(name, formula, data, ...) {
  model <- fitted_model(formula, data, "robust = TRUE", ...)
  s <- summary(model$fit)
  t <- s$coefficients
  entry(name, model$call, c(
    coefficients_of(model$fit), robust_se = list_of(t[, "robust se"]), z = list_of(t[, "z"]),
    p = list_of(t[, "Pr(>|z|)"]), hr_lower95 = list_of(s$conf.int[, 3]), hr_upper95 = list_of(s$conf.int[, 4]),
    robust_vcov = list_of(model$fit$var), wald = number(model$fit$wald.test)))
}
for (ties in c("efron", "breslow")) {
  quoted <- sprintf("ties = '%s'", ties)
  robust(paste0("robust_lung_", ties), formulas$lung, "lung", quoted)
  robust(paste0("robust_veteran_", ties), formulas$veteran, "veteran", quoted)
  robust(paste0("robust_heart_", ties), formulas$heart, "heart", quoted, "cluster = row")
  robust(paste0("robust_lung_weighted_", ties), paste(formulas$lung, "+ strata(site)"), "lung", quoted, "weights = w")
}

# Where the hazard jumps.
baseline <- function(name, formula, data, ...) {
  model <- fitted_model(formula, data, ...)
  b <- basehaz(model$fit, centered = FALSE)
  strata <- if (is.null(b$strata)) rep("", nrow(b)) else sub(".*=", "", b$strata)
  jumps <- b$hazard > c(0, head(b$hazard, -1)) | c(TRUE, head(strata, -1) != tail(strata, -1)) & b$hazard > 0
  b <- b[jumps, ]
  strata <- strata[jumps]
  entry(name, paste0("basehaz(", model$call, ", centered = FALSE)"), c(
    stratum = paste0("[", paste0("\"", strata, "\"", collapse = ", "), "]"), time = list_of(b$time),
    cumhaz = list_of(b$hazard)))
}
for (ties in c("efron", "breslow")) {
  quoted <- sprintf("ties = '%s'", ties)
  baseline(paste0("baseline_heart_", ties), formulas$heart, "heart", quoted)
  baseline(paste0("baseline_lung_strata_", ties), paste(formulas$lung, "+ strata(site)"), "lung", quoted)
  baseline(paste0("baseline_lung_weighted_", ties), formulas$lung, "lung", quoted, "weights = w")
}

zph <- function(name, formula, data, ...) {
  model <- fitted_model(formula, data, ...)
  z <- cox.zph(model$fit, transform = "km")$table
  entry(name, paste0("cox.zph(", model$call, ", transform = 'km')"), c(
    chisq = list_of(z[, "chisq"]), df = list_of(z[, "df"]), p = list_of(z[, "p"])))
}
for (ties in c("efron", "breslow")) {
  quoted <- sprintf("ties = '%s'", ties)
  zph(paste0("zph_lung_strata_", ties), paste(formulas$lung, "+ strata(site)"), "lung", quoted)
  zph(paste0("zph_veteran_strata_", ties), paste(formulas$veteran, "+ strata(site)"), "veteran", quoted)
  zph(paste0("zph_lung_weighted_", ties), formulas$lung, "lung", quoted, "weights = w")
  zph(paste0("zph_lung_late_", ties), paste(formulas$lung_late, "+ strata(sex)"), "lung", quoted, "weights = w")
}

cat("{\n", paste(entries, collapse = ",\n"), "\n}\n", sep = "")
