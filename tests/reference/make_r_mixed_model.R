# Writes expected/r_mixed_model.json: linear mixed models by lme4 and lmerTest on random data.
# Run in this folder: Rscript make_r_mixed_model.R
suppressMessages({library(lmerTest); library(lme4)})
options(warn = 1)

json <- function(x) {
  if (is.list(x)) {
    items <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(items, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', items, collapse = ",\n "), "}"))
  }
  if (is.character(x)) return(paste0('"', x, '"'))
  if (is.matrix(x)) return(json(lapply(seq_len(nrow(x)), function(i) as.vector(x[i, ]))))
  if (is.logical(x)) return(tolower(as.character(x)))
  items <- ifelse(is.na(x), "null", sprintf("%.15g", as.numeric(x)))
  if (length(x) == 1) items else paste0("[", paste(items, collapse = ", "), "]")
}

# Lines of n patients, some seen often, some once; the random effects have SDs `sd`.
draw <- function(n, sd, sigma, irregular = FALSE) {
  rows <- lapply(seq_len(n), function(i) {
    month <- -3:6
    if (irregular) month <- round(month + runif(10, -.3, .3), 2) * (month != 0)
    month <- sort(sample(month, sample(c(1, 4:10), 1)))
    b <- rnorm(3) * sd
    y <- 36 + b[1] + (-1 + b[2]) * pmin(month, 0) + (-1 + b[3] + .4 * (i %% 2)) * pmax(month, 0)
    data.frame(id = i, msc = i %% 2, month = month, y = round(y + sigma * rnorm(length(month)), 1))
  })
  data <- do.call(rbind, rows)
  data <- data[sample(nrow(data)), ]
  transform(data, t_pre = pmin(month, 0), t_post = pmax(month, 0))
}

# The default optimisers stop early, and one of these fits they leave at the boundary: several
# starts, then Newton's method on the entries that are not at the boundary.
polished <- function(fn, par, lower, upper, control) {
  best <- list(objective = Inf)
  for (scale in c(1, .1, .3, 3)) for (again in 1:5) {
    start <- if (again == 1) par * scale + ifelse(lower == 0, 0, .01) else found$par
    found <- nlminb(start, fn, lower = lower, upper = upper,
                    control = list(rel.tol = 1e-15, x.tol = 1e-14, eval.max = 5000, iter.max = 5000))
    if (found$objective < best$objective) best <- found
  }
  par <- best$par
  free <- which(par > 1e-4 | lower < 0)
  part <- function(x) fn(replace(par, free, x))
  for (step in seq_len(4 * (length(free) > 0))) {
    h <- numDeriv::hessian(part, par[free])
    if (min(eigen(h)$values) < 1e-3) break
    par[free] <- par[free] - solve(h, numDeriv::grad(part, par[free]))
  }
  list(par = par, fval = fn(par), conv = 0, message = "polished")
}
tight <- lmerControl(optimizer = polished, calc.derivs = FALSE, check.conv.singular = "ignore")
random <- c(intercept = "(1 | id)", intercept_slope = "(1 + month | id)",
            two_slopes = "(1 + t_pre + t_post | id)")
fixed <- "y ~ msc * (t_pre + t_post)"

one <- function(data, structure) {
  fit <- function(fixed, reml)
    lmerTest::lmer(as.formula(paste(fixed, "+", random[[structure]])), data, REML = reml,
                   control = tight)
  reml <- fit(fixed, TRUE); full <- fit(fixed, FALSE)
  reduced <- fit("y ~ msc * t_pre + t_post", FALSE)
  table <- coef(summary(reml))
  at6 <- contest1D(reml, c(0, 1, 0, 0, 0, 6))
  order <- c("(Intercept)", "msc", "t_pre", "t_post", "msc:t_pre", "msc:t_post")
  g <- VarCorr(reml)$id
  attr(g, "stddev") <- attr(g, "correlation") <- NULL
  list(structure = structure, patient = data$id, month = data$month, msc = data$msc, y = data$y,
       singular = isSingular(reml), deviance_reml = as.numeric(-2 * logLik(reml)),
       estimate = unname(table[order, "Estimate"]), se = unname(table[order, "Std. Error"]),
       df = unname(table[order, "df"]), p = unname(table[order, "Pr(>|t|)"]),
       G = unname(matrix(g, nrow(g))), sigma = sigma(reml),
       at6 = c(at6$Estimate, at6[["Std. Error"]], at6$df, at6[["Pr(>|t|)"]]),
       loglik_ml = as.numeric(logLik(full)), chisq = anova(full, reduced)$Chisq[2])
}

set.seed(20260202)
sets <- list(
  one(draw(64, c(3.5, .4, .4), 1.2), "two_slopes"),
  one(draw(40, c(3.5, .5, .5), .8, TRUE), "two_slopes"),
  one(draw(40, c(3.5, .5, .5), .8, TRUE), "intercept_slope"),
  one(draw(9, c(2, .6, .6), .5), "intercept"),
  one(draw(24, c(0, 0, .5), 1.5, TRUE), "intercept_slope"),
  one(draw(24, c(3, 0, .5), 1.5), "two_slopes"),
  one(draw(24, c(3, 0, 0), 2), "two_slopes"),
  one(draw(24, c(0, 0, 0), 2), "intercept"))
meta <- list(note = "random data; lme4's deviance minimised from several starts and polished by Newton steps", R = paste(R.version$major, R.version$minor, sep = "."),
             lme4 = as.character(packageVersion("lme4")), lmerTest = as.character(packageVersion("lmerTest")))
writeLines(json(list(meta = meta, sets = sets)), "expected/r_mixed_model.json")
