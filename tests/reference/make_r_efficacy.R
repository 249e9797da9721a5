# Writes expected/r_efficacy.json: analysis of covariance, standardised differences, and exact
# intervals of a difference of proportions by brute force. All data are random.
# Run in this folder: Rscript make_r_efficacy.R
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

set.seed(20260301)

covariance <- function(n1, n2, shift) {
  group <- factor(rep(c("second", "first"), c(n2, n1)), levels = c("second", "first"))
  x <- round(rnorm(n1 + n2, 37, 4) + shift * (group == "first"))
  y <- round(-3 + .3 * (x - 37) + 2 * (group == "first") + rnorm(n1 + n2, 0, 3))
  is1 <- group == "first"
  fit <- lm(y ~ group + x)
  main <- coef(summary(fit))["groupfirst", ]
  both <- coef(summary(lm(y ~ group * x)))["groupfirst:x", ]
  at <- data.frame(group = c("first", "second"), x = mean(x))
  adjusted <- predict(fit, at, se.fit = TRUE, interval = "confidence", level = .9)
  list(
    first = y[is1], second = y[!is1], covariate_first = x[is1], covariate_second = x[!is1],
    difference = main[["Estimate"]], standard_error = main[["Std. Error"]],
    t = main[["t value"]], p = main[["Pr(>|t|)"]],
    limits_90 = as.vector(confint(fit, "groupfirst", level = .9)),
    adjusted_first_90 = as.vector(adjusted$fit[1, ]),
    adjusted_second_90 = as.vector(adjusted$fit[2, ]),
    slope = coef(fit)[["x"]], residual_sd = sigma(fit),
    interaction = both[["Estimate"]], interaction_se = both[["Std. Error"]],
    interaction_p = both[["Pr(>|t|)"]])
}

means <- function(n1, n2) {
  first <- round(rnorm(n1, 55, 9)); second <- round(rnorm(n2, 53, 12))
  list(first = first, second = second,
       smd = (mean(first) - mean(second)) / sqrt((var(first) + var(second)) / 2))
}

# Yang and Dalton 2012 as they write it: the last category is left out.
shares <- function(first, second) {
  p <- first / sum(first); q <- second / sum(second)
  keep <- seq_len(length(p) - 1)
  s <- -(outer(p, p) + outer(q, q)) / 2
  diag(s) <- (p * (1 - p) + q * (1 - q)) / 2
  d <- (p - q)[keep]
  list(first = first, second = second, smd = sqrt(sum(d * solve(s[keep, keep, drop = FALSE], d))))
}

# The exact interval from its definition: every table, the most likely proportions by bisection of
# the likelihood's slope, the worst proportion on a fine grid, every difference in small steps.
score_of_all <- function(n1, n2, d) {
  x <- rep(0:n1, n2 + 1); y <- rep(0:n2, each = n1 + 1)
  low <- rep(max(0, -d), length(x)); high <- rep(min(1, 1 - d), length(x))
  for (i in 1:60) {
    p <- (low + high) / 2; a <- p + d
    slope <- ifelse(x > 0, x / a, 0) - ifelse(x < n1, (n1 - x) / (1 - a), 0) +
      ifelse(y > 0, y / p, 0) - ifelse(y < n2, (n2 - y) / (1 - p), 0)
    up <- !is.na(slope) & slope > 0  # undefined only where a single point is left
    low[up] <- p[up]; high[!up] <- p[!up]
  }
  p <- (low + high) / 2; a <- p + d
  v <- a * (1 - a) / n1 + p * (1 - p) / n2
  apart <- x / n1 - y / n2 - d
  z <- ifelse(v < 1e-10, ifelse(abs(apart) < 1e-7, 0, sign(apart) * Inf), apart / sqrt(v))
  matrix(z, n1 + 1)
}
worst <- function(x, n1, y, n2, d, n_grid) {
  z <- score_of_all(n1, n2, d)
  tail <- z >= z[x + 1, y + 1] - 1e-6
  p <- seq(max(0, -d), min(1, 1 - d), length.out = n_grid)
  at <- function(q) {
    first <- outer(q + d, 0:n1, function(a, k) dbinom(k, n1, pmin(pmax(a, 0), 1)))
    second <- outer(q, 0:n2, function(a, k) dbinom(k, n2, pmin(pmax(a, 0), 1)))
    rowSums((first %*% tail) * second)
  }
  max(at(p))
}
lower_limit <- function(x, n1, y, n2, tail) {
  d <- seq(-1, x / n1 - y / n2, by = .004)
  at <- Position(function(one) worst(x, n1, y, n2, one, 400) > tail, d)
  if (is.na(at)) { low <- d[length(d)]; high <- x / n1 - y / n2 }
  else if (at == 1) return(-1)
  else { low <- d[at - 1]; high <- d[at] }
  while (high - low > 1e-7) {
    middle <- (low + high) / 2
    if (worst(x, n1, y, n2, middle, 20000) > tail) high <- middle else low <- middle
  }
  (low + high) / 2
}
exact <- function(x, n1, y, n2, tail = .025) list(
  counts = c(x, n1, y, n2), level = 1 - 2 * tail,
  lower = lower_limit(x, n1, y, n2, tail), upper = -lower_limit(y, n2, x, n1, tail))

result <- list(
  meta = list(R = as.character(getRversion()),
              note = "lm; formulae of Austin 2009 and Yang and Dalton 2012; exact intervals by enumeration, to 1e-6"),
  ancova = list(covariance(28, 27, 0), covariance(6, 15, 3), covariance(3, 3, -2)),
  means = list(means(33, 31), means(2, 9)),
  shares = list(shares(c(10, 15, 8), c(14, 9, 8)), shares(c(20, 13), c(11, 20)),
                shares(c(0, 5, 7, 2), c(3, 0, 4, 9)), shares(c(3, 4), c(3, 4))),
  exact = list(exact(22, 32, 5, 27), exact(20, 32, 6, 27), exact(8, 32, 1, 27), exact(13, 32, 1, 27),
               exact(0, 33, 0, 31), exact(12, 33, 3, 31), exact(7, 10, 7, 10), exact(4, 4, 0, 3),
               exact(0, 5, 6, 6), exact(3, 17, 11, 12, .05), exact(1, 9, 0, 40, .005)))
writeLines(json(result), "expected/r_efficacy.json")
