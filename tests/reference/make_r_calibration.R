# Writes expected/r_calibration.json beside this script; reads data/calib60.csv.
# Run in tests/reference: Rscript make_r_calibration.R   (base R only)
numbers <- function(x) paste0("[", paste(sprintf("%.15g", x), collapse = ", "), "]")
object <- function(x) paste0("{", paste0('"', names(x), '": ', x, collapse = ", "), "}")

# Simulated: probabilities with many ties, with few distinct values, skewed, and only four.
set.seed(20260102)
sets <- list(
  ties = round(rbeta(80, 0.5, 0.5), 2),
  five_values = rep(c(0.1, 0.2, 0.35, 0.6, 0.9), each = 8),
  skewed = round(rbeta(300, 2, 5), 4),
  four = c(0.2, 0.5, 0.7, 0.9)
)
smooth <- vapply(sets, function(p) {
  y <- if (length(p) == 4) c(0, 1, 0, 1) else rbinom(length(p), 1, p)
  lines <- approx(lowess(p, y, iter = 0), xout = p, ties = mean)$y
  direct <- loess.control(surface = "direct")
  parabolas <- suppressWarnings(predict(loess(y ~ p, span = 0.75, degree = 2, control = direct)))
  object(c(p = numbers(p), y = numbers(y), lowess = numbers(lines), loess = numbers(parabolas)))
}, "")

# Ends of the profile likelihood by uniroot; `confint` interpolates them by a spline.
calib <- read.csv("data/calib60.csv")
strict <- glm.control(epsilon = 1e-14, maxit = 100)
x <- qlogis(calib$p)
deviance_at <- function(slope) deviance(glm(calib$y ~ 1, offset = slope * x, family = binomial, control = strict))
large_at <- function(a) -2 * sum(dbinom(calib$y, 1, plogis(a + x), log = TRUE))
joint <- glm(calib$y ~ x, family = binomial, control = strict)
large <- glm(calib$y ~ 1, offset = x, family = binomial, control = strict)
ends <- function(deviance_of, best, value, level) {
  beyond <- function(at) deviance_of(at) - best - qchisq(level, 1)
  c(uniroot(beyond, c(value - 3, value), tol = 1e-13)$root, uniroot(beyond, c(value, value + 3), tol = 1e-13)$root)
}
slope_value <- unname(coef(joint)[2])
large_value <- unname(coef(large))
profile <- c(
  slope_95 = numbers(ends(deviance_at, deviance(joint), slope_value, 0.95)),
  slope_80 = numbers(ends(deviance_at, deviance(joint), slope_value, 0.80)),
  in_the_large_95 = numbers(ends(large_at, large_at(large_value), large_value, 0.95))
)

meta <- c(
  note = '"lowess with iter = 0, loess of degree 2 with span .75 and direct surface, on simulated probabilities; profile likelihood of calib60 by uniroot"',
  R = paste0('"', getRversion(), '"')
)
text <- object(c(meta = object(meta), smooth = object(smooth), profile = object(profile)))
writeLines(text, "expected/r_calibration.json")
