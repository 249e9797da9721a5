# Writes expected/r_paired.json: more numbers from R for paired, ranked, tabled and censored data.
# All data are random. Run in this folder: Rscript make_r_paired.R
library(survival)
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

set.seed(20260101)

# The definition of the interval of d_z, solved on R's noncentral t.
noncentral <- function(t, df) {
  limit <- function(q) {
    gap <- function(ncp) suppressWarnings(pt(t, df, ncp)) - q
    uniroot(gap, c(-37, 37), tol = 1e-13, maxiter = 5000)$root
  }
  list(t = t, df = df, lower = limit(.975), upper = limit(.025))
}
csf <- read.csv("data/csf33.csv")
d_z <- list()
for (scale in c("csf33", "csf33_log")) for (a in c("tnf", "mcp1", "tgfb1")) {
  f <- if (scale == "csf33") identity else log
  change <- f(csf[[paste0(a, "_post")]]) - f(csf[[paste0(a, "_pre")]])
  solved <- noncentral(unname(t.test(change)$statistic), 32)
  d_z[[paste(scale, a)]] <- c(solved$lower, solved$upper) / sqrt(33)
}
limits <- list()
for (df in c(1, 2, 5, 20, 200)) for (t in c(-7, -2, 0, .4, 3, 9))
  limits[[length(limits) + 1]] <- noncentral(t, df)

ranked <- list()
for (n in c(4, 6, 9, 10, 13, 20, 60)) for (tied in c(FALSE, TRUE)) {
  x <- rnorm(n); y <- .4 * x + rnorm(n)
  if (tied) { x <- round(x); y <- round(2 * y) }
  if (sd(x) == 0 || sd(y) == 0) next
  s <- suppressWarnings(cor.test(x, y, method = "spearman", exact = if (tied) FALSE else TRUE))
  k <- suppressWarnings(cor.test(x, y, method = "kendall", exact = FALSE))
  p <- cor.test(x, y)
  ranked[[length(ranked) + 1]] <- list(
    x = x, y = y, tied = as.numeric(tied), rho = unname(s$estimate), p_spearman = s$p.value,
    tau = unname(k$estimate), z_kendall = unname(k$statistic), p_kendall = k$p.value,
    r = unname(p$estimate), p_pearson = p$p.value, ci = as.vector(p$conf.int))
}

signed <- list()
for (n in c(3, 6, 15, 49)) for (kind in c("plain", "tied", "zeros")) {
  before <- rnorm(n, 10); after <- before + rnorm(n, .5)
  if (kind != "plain") { before <- round(before * 4) / 4; after <- round(after * 4) / 4 }
  if (kind == "zeros") after[1] <- before[1]
  test <- function(...) suppressWarnings(wilcox.test(after, before, paired = TRUE, ...))
  signed[[length(signed) + 1]] <- list(
    before = before, after = after, V = unname(test(exact = FALSE)$statistic),
    p_exact = if (kind == "plain") test(exact = TRUE)$p.value else NA,
    p_corrected = test(exact = FALSE)$p.value, p_normal = test(exact = FALSE, correct = FALSE)$p.value)
}

normal <- list()
for (n in c(3, 4, 5, 6, 11, 12, 40, 700)) {
  x <- if (n %% 2) rexp(n) else rnorm(n)
  s <- shapiro.test(x)
  normal[[length(normal) + 1]] <- list(x = x, W = unname(s$statistic), p = s$p.value)
}

p <- c(round(runif(11)^2, 3), .02, .02, 1, 0)
adjusted <- list(p = p)
for (m in c("bonferroni", "holm", "hochberg", "BH", "BY")) adjusted[[m]] <- p.adjust(p, m)

tables <- list()
for (i in 1:40) {
  n <- sample(2:60, 2); events <- c(rbinom(1, n[1], runif(1)), rbinom(1, n[2], runif(1)))
  table <- rbind(events, n - events)
  if (any(rowSums(table) == 0)) next
  chi <- function(correct) suppressWarnings(chisq.test(table, correct = correct))
  tables[[length(tables) + 1]] <- list(
    counts = c(events[1], n[1], events[2], n[2]), fisher = fisher.test(table)$p.value,
    chi = unname(chi(FALSE)$statistic), p = chi(FALSE)$p.value,
    yates = unname(chi(TRUE)$statistic), p_yates = chi(TRUE)$p.value)
}

censored <- list()
for (n in c(12, 60)) {
  x <- round(rlnorm(n, .5, 1), 3); limit <- sample(c(.7, 1.2), n, TRUE); below <- x < limit
  value <- ifelse(below, limit, x); group <- rep(0:1, n / 2)
  fit <- function(formula) survreg(formula, dist = "lognormal",
                                   control = survreg.control(rel.tolerance = 1e-14, maxiter = 100))
  one <- fit(Surv(value, !below, type = "left") ~ 1)
  two <- fit(Surv(value, !below, type = "left") ~ group)
  turned <- survfit(Surv(100 - value, !below) ~ 1)
  censored[[length(censored) + 1]] <- list(
    value = value, below = as.numeric(below), group = group, mu = unname(coef(one)),
    sigma = one$scale, se = unname(sqrt(diag(vcov(one)))), loglik = one$loglik[2],
    others = unname(coef(two)[1]), difference = unname(coef(two)[2]), scale = two$scale,
    se_difference = sqrt(vcov(two)[2, 2]), loglik_two = two$loglik[2],
    median = 100 - unname(summary(turned)$table["median"]))
}

meta <- list(note = "random data; base R and survival", R = paste(R.version$major, R.version$minor, sep = "."),
             survival = as.character(packageVersion("survival")))
writeLines(json(list(meta = meta, d_z = d_z, noncentrality = limits, ranked = ranked, signed = signed,
                     normal = normal, adjusted = adjusted, tables = tables, censored = censored)),
           "expected/r_paired.json")
