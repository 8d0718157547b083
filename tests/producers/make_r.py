# SPDX-License-Identifier: Apache-2.0
"""make_r: saveRDS() and save() of R, in every packing, form and version."""

import os
import shutil
import subprocess
import sys

import recorder

PROGRAM = r"""
n <- data.frame(a = 1:3, b = factor(c('x', 'y', 'x')), c = c(1.5, NA, Inf))
things <- list(
 numbers = list(1L, 2.5, 1i, TRUE, NA, as.raw(1:9), 1:1e5, rev(1:9) + 0),
 texts = c('a', NA, '\u00e9', strrep('long ', 999)), frame = n,
 times = list(Sys.time(), Sys.Date(), as.POSIXlt(0, origin = '1970-01-01')),
 model = lm(dist ~ speed, cars), glm = glm(am ~ wt, binomial, mtcars),
 formula = y ~ log(x) + z, nested = list(list(list(NULL))),
 environment = local({ e <- new.env(); e$a <- 1:3; e$self <- e; e }),
 fun = function(x, ...) sum(x), compiled = compiler::cmpfun(function(x) x + 1),
 s4 = methods::new('numeric'), array = array(1:24, c(2, 3, 4)),
 tree = stats::hclust(stats::dist(1:6)), smooth = stats::loess(dist ~ speed, cars),
 pca = stats::prcomp(mtcars), km = stats::kmeans(cars, 2),
 nls = stats::nls(dist ~ a + b * speed, cars, start = list(a = 1, b = 1)))
forms <- list(xdr = FALSE, ascii = TRUE, hex = NA)
for (name in names(things)) for (version in 2:3) {
 x <- things[[name]]
 for (packing in c('gzip', 'bzip2', 'xz')) {
  saveRDS(x, paste(name, version, packing, 'rds', sep = '.'), version = version,
   compress = packing)
  save(x, n, file = paste(name, version, packing, 'rda', sep = '.'),
   version = version, compress = packing) }
 saveRDS(x, paste(name, version, 'plain.rds', sep = '.'), version = version,
  compress = FALSE)
 for (form in names(forms)) {
  saveRDS(x, paste(name, version, form, 'rds', sep = '.'), version = version,
   ascii = forms[[form]])
  save(x, file = paste(name, version, form, 'rda', sep = '.'),
   version = version, ascii = forms[[form]]) }
 f <- file(paste(name, version, 'little.rds', sep = '.'), 'wb')
 serialize(x, f, xdr = FALSE, version = version); close(f) }
save.image('workspace.RData')
"""


def make(out):
    done = subprocess.run(["Rscript", "-e", PROGRAM], cwd=out.folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    if done.returncode != 0:
        sys.exit(done.stdout.decode("utf-8", "replace")[-500:])
    for name in sorted(os.listdir(out.folder)):
        if name.endswith((".rds", ".rda", ".RData")):
            out.add(name, None)


if __name__ == "__main__":
    if shutil.which("Rscript") is None:
        print("no Rscript")
        sys.exit(77)
    recorder.run(make)
