# Writes expected/r_paired_censored.json: bivariate log-normal pairs of which either value may lie
# beyond a limit, by optim on the likelihood written out with mvtnorm, and rank sums.
# All data are random. Run in this folder: Rscript make_r_paired_censored.R
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

set.seed(20260104)

# side: 0 measured, 1 below the value given, -1 above it. theta: mean before, change, log SDs, z.
negative_log_likelihood <- function(theta, case) {
  mu <- c(theta[1], theta[1] + theta[2]); sd <- exp(theta[3:4]); r <- tanh(theta[5])
  sigma <- matrix(c(sd[1]^2, r * prod(sd), r * prod(sd), sd[2]^2), 2)
  total <- 0
  for (i in seq_along(case$before)) {
    y <- log(c(case$before[i], case$after[i])); side <- c(case$before_side[i], case$after_side[i])
    seen <- side == 0
    lower <- ifelse(side == 1, -Inf, y); upper <- ifelse(side == 1, y, Inf)
    if (all(seen)) part <- dmvnorm(y, mu, sigma, log = TRUE)
    else if (!any(seen)) {
      p <- pmvnorm(lower, upper, mu, sigma = sigma, algorithm = TVPACK(1e-15))[1]
      part <- log(max(p, 1e-300))  # far from the maximum TVPACK may give less than nothing
    }
    else {
      k <- which(seen); j <- which(!seen)
      mean <- mu[j] + r * sd[j] / sd[k] * (y[k] - mu[k]); spread <- sd[j] * sqrt(1 - r^2)
      part <- dnorm(y[k], mu[k], sd[k], log = TRUE) +
        pnorm(y[j], mean, spread, lower.tail = side[j] == 1, log.p = TRUE)
    }
    total <- total + part - sum(y[seen])
  }
  -total
}

minimise <- function(f, start) {
  at <- start; best <- Inf
  for (round in 1:6) {
    found <- optim(at, f, method = "BFGS", control = list(reltol = 1e-15, maxit = 2000, ndeps = rep(1e-5, length(at))))
    at <- found$par
    if (best - found$value < 1e-12) break
    best <- found$value
  }
  found <- optim(at, f, method = "Nelder-Mead", control = list(reltol = 1e-16, maxit = 5000))
  if (found$value > best) found <- list(par = at, value = best)
  found
}

fit <- function(case) {
  y <- log(cbind(case$before, case$after))
  start <- c(mean(y[, 1]), mean(y[, 2] - y[, 1]), log(sd(y[, 1])), log(sd(y[, 2])), .5)
  free <- minimise(function(theta) negative_log_likelihood(theta, case), start)
  profile <- function(change) {
    held <- function(rest) negative_log_likelihood(c(rest[1], change, rest[2:4]), case)
    minimise(held, free$par[-2])$value
  }
  gap <- function(change) 2 * (profile(change) - free$value) - qchisq(.95, 1)
  width <- sd(y[, 2] - y[, 1]) / sqrt(nrow(y))
  end <- function(side) {
    far <- free$par[2] + side * 2 * width
    while (gap(far) < 0) far <- far + side * width
    uniroot(gap, sort(c(free$par[2], far)), tol = 1e-10)$root
  }
  list(change = free$par[2], lower = end(-1), upper = end(1),
       p = pchisq(2 * (profile(0) - free$value), 1, lower.tail = FALSE),
       mean_log_before = free$par[1], sd_log_before = exp(free$par[3]), sd_log_after = exp(free$par[4]),
       correlation = tanh(free$par[5]), loglik = -free$value)
}

censor <- function(value, below, above) {
  side <- ifelse(value < below, 1, ifelse(value > above, -1, 0))
  list(value = ifelse(side == 1, below, ifelse(side == -1, above, value)), side = side)
}

pairs <- list()
plans <- list(list(n = 33, below = .7, above = Inf, r = .7, change = -.4),
              list(n = 20, below = c(.5, 1.3), above = Inf, r = .5, change = .3),
              list(n = 33, below = 1.4, above = Inf, r = .8, change = -.2),
              list(n = 40, below = .4, above = 3, r = .6, change = .5),
              list(n = 15, below = .9, above = Inf, r = -.4, change = 0),
              list(n = 12, below = 0, above = Inf, r = .7, change = -.3))
for (plan in plans) {
  x <- rnorm(plan$n); y <- plan$r * x + sqrt(1 - plan$r^2) * rnorm(plan$n)
  limit <- sample(plan$below, plan$n, TRUE)
  b <- censor(round(exp(.3 + x), 3), limit, plan$above)
  a <- censor(round(exp(.3 + plan$change + .9 * y), 3), limit, plan$above)
  case <- list(before = b$value, after = a$value, before_side = b$side, after_side = a$side)
  pairs[[length(pairs) + 1]] <- c(case, fit(case))
}

# Wilcoxon's rank sum; without ties R's p is exact.
sums <- list()
for (n in list(c(3, 4), c(12, 9), c(19, 14), c(49, 45), c(60, 30))) for (tied in c(FALSE, TRUE)) {
  x <- rnorm(n[1], .4); y <- rnorm(n[2])
  if (tied) { x <- round(2 * x); y <- round(2 * y) }
  test <- function(...) suppressWarnings(wilcox.test(x, y, ...))
  sums[[length(sums) + 1]] <- list(
    first = x, second = y, W = unname(test(exact = FALSE)$statistic),
    p_exact = if (tied) NA else test(exact = TRUE)$p.value,
    p_corrected = test(exact = FALSE)$p.value, p_normal = test(exact = FALSE, correct = FALSE)$p.value)
}

meta <- list(note = "random data; base R and mvtnorm", R = paste(R.version$major, R.version$minor, sep = "."),
             mvtnorm = as.character(packageVersion("mvtnorm")))
writeLines(json(list(meta = meta, pairs = pairs, rank_sums = sums)), "expected/r_paired_censored.json")
