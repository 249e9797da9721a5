# Writes data/roc33.csv, data/roc33_boot_idx.csv and expected/r_proc.json beside this script.
# Run in tests/reference: Rscript make_r_proc.R   (R with pROC; no other package)
suppressMessages(library(pROC))

as_json <- function(x) {
  if (is.list(x)) {
    parts <- vapply(x, as_json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', parts, collapse = ", "), "}"))
  }
  one <- if (is.character(x)) paste0('"', x, '"') else
    ifelse(is.na(x), "null", ifelse(is.infinite(x), ifelse(x > 0, '"Inf"', '"-Inf"'), sprintf("%.15g", x)))
  if (length(x) == 1 && is.null(attr(x, "row"))) one else paste0("[", paste(one, collapse = ", "), "]")
}
row_of <- function(x) { x <- as.vector(x); attr(x, "row") <- TRUE; x }

# Simulated: 19 cases and 14 controls; `high` has ties and speaks for a case when high, `low` when low.
set.seed(20260101)
y <- rep(c(1, 0), c(19, 14))[sample(33)]
high <- round(rnorm(33, 1.1 * y), 1)
low <- signif(rlnorm(33, 6 - 0.5 * y, 0.4), 3)
n_resamples <- 400
idx <- t(replicate(n_resamples, {
  drawn <- integer(33)
  for (class in 0:1) { of <- which(y == class); drawn[of] <- of[sample.int(length(of), replace = TRUE)] }
  drawn
}))
write.csv(data.frame(y, high, low), "data/roc33.csv", row.names = FALSE, quote = FALSE)
write.table(idx - 1, "data/roc33_boot_idx.csv", sep = ",", row.names = FALSE, col.names = FALSE)

limits <- function(values, level = 0.95) row_of(quantile(values, c((1 - level) / 2, 1 - (1 - level) / 2), names = FALSE))
curve_of <- function(rows, x, direction) roc(y[rows], x[rows], levels = c(0, 1), direction = direction, quiet = TRUE)

describe <- function(x, direction) {
  whole <- curve_of(1:33, x, direction)
  curves <- apply(idx, 1, curve_of, x = x, direction = direction)
  aucs <- vapply(curves, function(each) as.numeric(auc(each)), 0)
  # BCa by its definition; leave-one-out by pROC (Davison and Hinkley 1997, eq. 5.28).
  cubes <- squares <- 0
  for (class in 0:1) {
    of <- which(y == class)
    left <- vapply(of, function(i) as.numeric(auc(curve_of(setdiff(1:33, i), x, direction))), 0)
    l <- (length(of) - 1) * (mean(left) - left)
    cubes <- cubes + sum(l^3) / length(of)^3; squares <- squares + sum(l^2) / length(of)^2
  }
  a <- cubes / (6 * squares^1.5)
  value <- as.numeric(auc(whole))
  same <- abs(aucs - value) < 1e-12
  z0 <- qnorm((sum(aucs < value & !same) + sum(same) / 2) / n_resamples)
  z <- z0 + qnorm(c(0.025, 0.975))
  bca <- quantile(aucs, pnorm(z0 + z / (1 - a * z)), names = FALSE)
  at <- c(0, 0.3, 0.5, 0.8, 0.9, 1)
  read <- function(each, input, ret) as.vector(coords(each, at, input = input, ret = ret, transpose = FALSE)[[1]])
  se <- t(vapply(curves, read, numeric(length(at)), input = "specificity", ret = "sensitivity"))
  sp <- t(vapply(curves, read, numeric(length(at)), input = "sensitivity", ret = "specificity"))
  ranges <- list(c(1, 0.9), c(1, 0.8), c(0.85, 0.6), c(0.5, 0), c(0.62, 0.6))
  partial <- list()
  for (focus in c("specificity", "sensitivity")) for (range in ranges) {
    area <- function(each, correct) suppressWarnings(as.numeric(auc(each, partial.auc = range,
      partial.auc.focus = focus, partial.auc.correct = correct, allow.invalid.partial.auc.correct = TRUE)))
    replicates <- vapply(curves, area, 0, correct = FALSE)
    partial[[length(partial) + 1]] <- list(focus = focus, low = range[2], high = range[1], raw = area(whole, FALSE),
      corrected = area(whole, TRUE), limits = limits(replicates), corrected_limits = limits(vapply(curves, area, 0, correct = TRUE)))
  }
  best <- list()
  for (weights in list(c(1, 0.5), c(1, 0.2), c(5, 0.2), c(0.5, 0.7), c(4, 0.05), c(0.25, 0.5))) {
    found <- coords(whole, "best", best.weights = weights, ret = c("threshold", "sensitivity", "specificity"), transpose = FALSE)
    best[[length(best) + 1]] <- list(cost = weights[1], prevalence = weights[2], threshold = row_of(found$threshold),
      sensitivity = row_of(found$sensitivity), specificity = row_of(found$specificity))
  }
  list(direction = direction, auc = value, var = var(whole), delong = row_of(ci.auc(whole)[c(1, 3)]), replicates = row_of(aucs[1:20]),
    percentile95 = limits(aucs), percentile90 = limits(aucs, 0.9), acceleration = a, bca95 = row_of(bca), at = row_of(at),
    se_at_sp = row_of(read(whole, "specificity", "sensitivity")), sp_at_se = row_of(read(whole, "sensitivity", "specificity")),
    se_limits = lapply(seq_along(at), function(i) limits(se[, i])), sp_limits = lapply(seq_along(at), function(i) limits(sp[, i])),
    partial = partial, best = best)
}

power_of <- function(...) { found <- power.roc.test(...); found[c("auc", "ncases", "ncontrols", "sig.level", "power")] }
plans <- list()
for (auc in c(0.6, 0.75, 0.9, 0.35)) for (kappa in c(1, 14 / 19, 3)) for (sided in c("two.sided", "one.sided")) {
  size <- power_of(auc = auc, power = 0.85, kappa = kappa, alternative = sided)
  reached <- power_of(auc = auc, ncases = 19, ncontrols = 19 * kappa, alternative = sided)
  plans[[length(plans) + 1]] <- list(auc = auc, kappa = kappa, sided = sided, ncases = size$ncases,
    ncontrols = size$ncontrols, power_of_19 = reached$power)
}

writeLines(as_json(list(
  meta = list(note = "simulated; direction, levels and resamples fixed; BCa coded from its definition on pROC's AUCs",
    R = paste(R.version$major, R.version$minor, sep = "."), pROC = as.character(packageVersion("pROC"))),
  high = describe(high, "<"), low = describe(low, ">"), power = plans)), "expected/r_proc.json")
