# Writes expected/r_robustness.json: pooling over imputations, prediction by regression, true
# slopes behind measured ones, responders expected by chance, sums of unlike chances.
# All data are random or made up. Run in this folder: Rscript make_r_robustness.R
library(mvtnorm)
options(warn = 1)

json <- function(x) {
  if (is.list(x)) {
    items <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(items, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', items, collapse = ",\n "), "}"))
  }
  if (is.character(x)) return(paste0('"', x, '"'))
  items <- ifelse(is.na(x), "null", sprintf("%.15g", as.numeric(x)))
  if (length(x) == 1) items else paste0("[", paste(items, collapse = ", "), "]")
}

set.seed(20260201)

# Rubin 1987 and Barnard and Rubin 1999, written out; the estimates of ten imputations that the
# documentation of SAS PROC MIANALYZE prints (example 1, Oxygen and RunTime), and random ones.
pooled <- function(q, se, dfcom) {
  m <- length(q)
  u <- mean(se^2); b <- var(q); t <- u + b + b / m
  r <- (b + b / m) / u; lambda <- (b + b / m) / t
  old <- (m - 1) / lambda^2
  obs <- if (is.infinite(dfcom)) Inf else (dfcom + 1) / (dfcom + 3) * dfcom * (1 - lambda)
  df <- if (is.infinite(obs)) old else old * obs / (old + obs)
  half <- qt(.975, df) * sqrt(t)
  list(q = q, se = se, dfcom = if (is.infinite(dfcom)) NA else dfcom, estimate = mean(q),
       within = u, between = b, se_pooled = sqrt(t), df = df, lower = mean(q) - half,
       upper = mean(q) + half, p = 2 * pt(-abs(mean(q)) / sqrt(t), df),
       increase = r, missing = (r + 2 / (df + 3)) / (r + 1))
}
oxygen <- list(c(47.0120, 47.2407, 47.4995, 47.1485, 47.0042, 47.2949, 46.9617, 46.9729, 46.9864,
                 46.9587), c(.95984, .93540, 1.00766, .95439, .96528, .95669, .93181, .94561,
                             .93664, .94270))
run_time <- list(c(10.4441, 10.5040, 10.5922, 10.5279, 10.4913, 10.6135, 10.5080, 10.5222, 10.5545,
                   10.5518), c(.28520, .26661, .26302, .26405, .27275, .24533, .27111, .25687,
                               .23664, .25214))
pool <- list(pooled(oxygen[[1]], oxygen[[2]], 30), pooled(run_time[[1]], run_time[[2]], 30),
             pooled(rnorm(50, 3), runif(50, .8, 1.2), 57.3), pooled(c(1, 2), c(1, 1), Inf),
             pooled(rnorm(5), rep(2, 5), 4))

# A missing value's predictive distribution is a t: location, scale and degrees of freedom.
n <- 25
x <- data.frame(arm = rep(0:1, length.out = n), base = round(rnorm(n, 38, 4)))
x$y <- round(x$base - 3 + 2 * x$arm + rnorm(n, 0, 2))
x$y[c(3, 8, 20)] <- NA
fit <- lm(y ~ arm + base, x)
at <- predict(fit, x[is.na(x$y), ], se.fit = TRUE)
predictive <- list(arm = x$arm, base = x$base, y = x$y, location = unname(at$fit),
                   scale = unname(sqrt(at$se.fit^2 + at$residual.scale^2)), df = at$df)

# Paule and Mandel by a root of their equation; slopes' error variances from the design.
paule_mandel <- function(x, v) {
  gap <- function(tau2) {
    w <- 1 / (tau2 + v)
    sum(w * (x - sum(w * x) / sum(w))^2) - (length(x) - 1)
  }
  tau2 <- if (gap(0) <= 0) 0 else uniroot(gap, c(0, 10 * var(x)), tol = 1e-15)$root
  w <- 1 / (tau2 + v)
  list(x = x, v = v, mean = sum(w * x) / sum(w), sd = sqrt(tau2))
}
truth <- list(paule_mandel(rnorm(30, -1, .8), runif(30, .05, .3)),
              paule_mandel(rnorm(6, -1, .1), rep(.5, 6)), paule_mandel(c(-2, -1, 0), rep(.36, 3)))
months <- list(-3:6, c(-3, -1.5, 0, 2, 4), c(-2, -1, 0, 0.5, 5), c(-4, -1, 1, 4))
errors <- lapply(months, function(month) {
  weights <- function(used) {
    design <- cbind(1, month[used])
    w <- numeric(length(month))
    w[used] <- solve(crossprod(design), t(design))[2, ]
    w
  }
  before <- weights(month <= 0); after <- weights(month >= 0 & month <= 4)
  list(months = month, before = sum(before^2), after = sum(after^2), shared = sum(before * after))
})

# Responders among the evaluable if slopes are bivariate normal: measured slope before below 0 and
# measured slope after at least half of it. Probabilities by mvtnorm.
rates <- lapply(list(list(-1, -1, .8, .8, 1), list(-1.4, -.9, 1.1, .6, .2)), function(s) {
  one <- lapply(errors[1:3], function(e) {
    v <- matrix(c(s[[3]]^2, s[[5]] * s[[3]] * s[[4]], s[[5]] * s[[3]] * s[[4]], s[[4]]^2), 2) +
      .5 * matrix(c(e$before, e$shared, e$shared, e$after), 2)
    turn <- rbind(c(1, 0), c(.5, -1))  # before < 0 and before / 2 - after <= 0
    m <- as.vector(turn %*% c(s[[1]], s[[2]])); v2 <- turn %*% v %*% t(turn)
    c(pnorm(0, s[[1]], sqrt(v[1, 1])),
      pmvnorm(upper = c(0, 0), mean = m, sigma = v2, algorithm = TVPACK(abseps = 1e-14)))
  })
  sums <- Reduce(`+`, one)
  list(slopes = unlist(s), error_variance = .5, rate = sums[2] / sums[1], evaluable = sums[1] / 3)
})

# The sum of unlike chances by running through all 2^9 outcomes.
chance <- round(runif(9), 3)
outcomes <- as.matrix(expand.grid(rep(list(0:1), 9)))
weight <- apply(outcomes, 1, function(o) prod(ifelse(o == 1, chance, 1 - chance)))
counts <- tapply(weight, rowSums(outcomes), sum)

writeLines(json(list(
  meta = list(program = R.version.string, mvtnorm = as.character(packageVersion("mvtnorm"))),
  pool = pool, predictive = predictive, truth = truth, errors = errors, rates = rates,
  chances = list(chance = chance, counts = as.numeric(counts))
)), "expected/r_robustness.json")
