# Writes expected/r_survival.json: more numbers from R's survival for survival times.
# All data are random. Run in this folder: Rscript make_r_survival.R
library(survival)
options(warn = 1)

json <- function(x) {
  if (is.list(x)) {
    items <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(items, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', items, collapse = ",\n "), "}"))
  }
  if (is.character(x)) return(paste0('"', x, '"'))
  items <- ifelse(is.na(x), "null", ifelse(is.infinite(x), "null", sprintf("%.15g", as.numeric(x))))
  if (length(items) == 1 && is.null(dim(x))) items else paste0("[", paste(items, collapse = ", "), "]")
}
vector <- function(x) array(unname(c(x)), length(c(x)))  # a list in JSON also with one entry

# Simulated: coarse times with many ties, fine times, rounding noise, times of 0.
sample_of <- function(seed, n, round_to, zero = 0, noise = FALSE) {
  set.seed(seed)
  d <- data.frame(x1 = round(rnorm(n), 3), x2 = rbinom(n, 1, 0.4), group = sample(0:2, n, TRUE))
  d$x3 <- round(10 + 3 * d$x1 + rnorm(n), 3)
  event <- rexp(n, 0.05 * exp(0.5 * d$x1 - 0.4 * d$x2))
  end <- runif(n, 2, 40)
  d$time <- round_to * ceiling(pmin(event, end) / round_to)
  d$event <- as.numeric(event <= end)
  if (zero > 0) d$time[seq_len(zero)] <- 0
  if (noise) d$time <- d$time / 3 * 3 + rep(c(0, 1e-12, -1e-12), length.out = n)
  d
}
sets <- list(
  coarse = sample_of(1, 60, 4), fine = sample_of(2, 80, 0.01), zero = sample_of(3, 40, 1, zero = 4),
  noise = sample_of(4, 50, 0.3, noise = TRUE), few = sample_of(12, 9, 1)
)

curve <- function(d) {
  kinds <- c(log_log = "log-log", log = "log", plain = "plain")
  lapply(kinds, function(kind) {
    fit <- survfit(Surv(time, event) ~ 1, d, conf.type = kind, conf.int = 0.9)
    at <- quantile(fit, c(0.25, 0.5, 0.75))
    list(
      time = vector(fit$time), n_risk = vector(fit$n.risk), surv = vector(fit$surv),
      se = vector(fit$std.err * fit$surv), lower = vector(fit$lower), upper = vector(fit$upper),
      quantile = vector(at$quantile), quantile_lower = vector(at$lower), quantile_upper = vector(at$upper)
    )
  })
}
tests <- function(d) lapply(c(0, 0.5, 1), function(rho) {
  test <- survdiff(Surv(time, event) ~ group, d, rho = rho)
  list(rho = rho, observed = vector(test$obs), expected = vector(test$exp), chisq = test$chisq)
})
strict <- coxph.control(eps = 1e-14, iter.max = 100, toler.chol = 1e-15)
model <- function(formula, d, ties) {
  fit <- coxph(formula, d, ties = ties, control = strict)
  transforms <- c("km", "identity", "rank", if (min(d$time) > 0) "log")
  checks <- lapply(setNames(transforms, transforms), function(transform) {
    check <- cox.zph(fit, transform = transform)
    list(chisq = vector(check$table[, "chisq"]), x = vector(check$x), y = if (transform == "km") vector(t(check$y)) else 0)
  })
  list(
    ties = ties, coef = vector(coef(fit)), se = vector(sqrt(diag(vcov(fit)))), loglik = vector(fit$loglik),
    score = fit$score, wald = unname(fit$wald.test), concordance = unname(fit$concordance["concordance"]), zph = checks
  )
}
models <- function(d) c(
  lapply(c("efron", "breslow"), function(ties) model(Surv(time, event) ~ x2, d, ties)),
  if (nrow(d) > 20) lapply(c("efron", "breslow"), function(ties) model(Surv(time, event) ~ x1 + x2 + x3, d, ties))
)
areas <- function(d) {
  taus <- quantile(d$time, c(0.2, 0.6, 1), type = 1)
  lapply(taus[taus > 0], function(tau) {
    row <- summary(survfit(Surv(time, event) ~ 1, d), rmean = tau)$table
    list(tau = unname(tau), mean = unname(row["rmean"]), se = unname(row["se(rmean)"]))
  })
}
followed <- function(d) {
  row <- summary(survfit(Surv(time, 1 - event) ~ 1, d, conf.type = "log-log"))$table
  list(median = unname(row["median"]), lower = unname(row["0.95LCL"]), upper = unname(row["0.95UCL"]))
}
result <- lapply(sets, function(d) list(
  data = lapply(as.list(d), vector), curve = curve(d), tests = tests(d), models = models(d),
  areas = unname(areas(d)), followed = followed(d)
))
meta <- list(note = "random data; survfit with conf.int .9, survdiff, coxph with eps 1e-14, cox.zph, rmean",
  R = as.character(getRversion()), survival = as.character(packageVersion("survival")))
text <- json(c(list(meta = meta), result))
writeLines(text, "expected/r_survival.json")
