"""CKA and Fisher's segmentation from their definitions, in float64 with numpy; slow and plain.

Makes nothing by itself: make_oracles.py imports it. Sources: Kornblith 2019 (arXiv 1905.00414),
Song 2012 (HSIC1), Nguyen 2021 (arXiv 2010.15327, minibatches), Fisher 1958.
X is [n, d]: one row an example. A Gram matrix K is [n, n].
"""

import itertools

import numpy as np


def linear_gram(x):
    return x @ x.T


def distances(x):
    """Euclidean, [n, n], from the differences themselves."""
    return np.array([np.sqrt(((x - row) ** 2).sum(axis=1)) for row in x])


def rbf_gram(x, fraction):
    """K_ij = exp(-d²/(2σ²)), σ = fraction × median of d over i<j; also gives the median."""
    d = distances(x)
    median = float(np.median(d[np.triu_indices(len(d), k=1)]))
    return np.exp(-(d**2) / (2 * (fraction * median) ** 2)), median


def hsic_biased(k, l):
    """<HKH, HLH>; its factor 1/(n-1)² cancels in CKA."""
    n = len(k)
    h = np.eye(n) - np.ones((n, n)) / n
    return float(((h @ k @ h) * (h @ l @ h)).sum())


def hsic_unbiased(k, l):
    """HSIC1, Song 2012."""
    n, one = len(k), np.ones(len(k))
    k, l = (m - np.diag(np.diag(m)) for m in (k, l))
    trace = np.trace(k @ l)
    product = (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
    cross = 2 / (n - 2) * (one @ k @ l @ one)
    return float((trace + product - cross) / (n * (n - 3)))


def hsics(grams, hsic):
    """hsic(K_i, K_j) for all pairs, [N, N]."""
    values = np.empty((len(grams), len(grams)))
    for i, j in itertools.combinations_with_replacement(range(len(grams)), 2):
        values[i, j] = values[j, i] = hsic(grams[i], grams[j])
    return values


def divided(h):
    """CKA_ij = H_ij / sqrt(H_ii H_jj)."""
    scale = np.sqrt(np.diag(h))
    return h / np.outer(scale, scale)


def cka(grams, hsic):
    return divided(hsics(grams, hsic))


def minibatch_cka(features, size):
    """HSIC1 of consecutive batches of `size` examples, averaged, then divided (Nguyen 2021)."""
    starts = range(0, len(features[0]), size)
    parts = [hsics([linear_gram(x[s : s + size]) for x in features], hsic_unbiased) for s in starts]
    return divided(np.mean(parts, axis=0))


def averaged_cka(features, size):
    """Biased CKA of consecutive batches of `size` examples, averaged."""
    starts = range(0, len(features[0]), size)
    return np.mean([cka([linear_gram(x[s : s + size]) for x in features], hsic_biased) for s in starts], axis=0)


def diameter(vectors):
    return float(((vectors - vectors.mean(axis=0)) ** 2).sum())


def fisher(vectors, k):
    """Every way to cut N vectors into k runs, the smallest sum of diameters; first found (earliest) wins ties."""
    n = len(vectors)
    d = {(i, j): diameter(vectors[i:j]) for i in range(n) for j in range(i + 1, n + 1)}
    best, best_loss = None, float("inf")
    for cuts in itertools.combinations(range(1, n), k - 1):
        bounds = (0, *cuts, n)
        loss = sum(d[pair] for pair in itertools.pairwise(bounds))
        if loss < best_loss - 1e-12 * d[0, n]:
            best, best_loss = bounds, loss
    return list(best), best_loss
