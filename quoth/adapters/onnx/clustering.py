"""Which embeddings are the same voice: centroid linkage and a cut through its tree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from quoth.domain.diarization import SpeakerHints

Points = NDArray[np.float32]
"""Embeddings of unit length, shape (n, dimension)."""
Labels = NDArray[np.intp]
"""The cluster of each embedding from 0 on, -1 for none, shape (n,)."""

_BLOCK_POINTS = 1000
_MOST_GROUPS = 1500


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """In what order clusters were merged; the first `n` clusters are the points themselves.

    Args:
        pairs: clusters merged to cluster `n + i`, int (n - 1, 2).
        heights: distance of the centroids merged, float (n - 1,).
        sizes: how many embeddings each cluster stands for, float (2 n - 1,).
    """

    pairs: NDArray[np.intp]
    heights: NDArray[np.float64]
    sizes: NDArray[np.float64]

    @property
    def leaves(self) -> int:
        """Number of points."""
        return len(self.pairs) + 1

    def cut(self, is_merged: NDArray[np.bool_]) -> Labels:
        """Return the cluster of each point when only some merges are made.

        Args:
            is_merged: for each merge; the merges below a made one must be made too.
        """
        top = np.arange(len(self.sizes))
        for index in np.flatnonzero(is_merged)[::-1]:
            top[self.pairs[index]] = top[self.leaves + index]
        return np.unique(top[: self.leaves], return_inverse=True)[1]


def find_speakers(
    points: Points, hints: SpeakerHints, threshold: float, smallest: int, plain_limit: int
) -> Labels:
    """Return who is whom; embeddings of clusters that are too small are nobody's.

    Centroid linkage cut at a distance, as pyannote.audio does it. If the number of clusters does
    not obey the hints, the cut nearest to the threshold that has the number asked for is taken,
    with ever smaller clusters let in, down to single embeddings; there are never more clusters
    than distinct embeddings.

    Args:
        points: all embeddings.
        hints: how many speakers there are.
        threshold: distance of centroids (0 to 2) below which two clusters are one voice.
        smallest: embeddings that a cluster must have to be a speaker.
        plain_limit: number of embeddings above which they are grouped before linkage, whose cost
            is quadratic.
    """
    if len(points) <= 1:
        return np.zeros(len(points), np.intp)
    is_plain = len(points) <= plain_limit
    groups = np.arange(len(points)) if is_plain else group(points)
    tree = plain_tree(points) if is_plain else weighted_tree(*centroids(points, groups))
    most = tree.leaves
    if hints.fewest > 1:
        most = min(most, len(np.unique(points, axis=0)))
    bounds = min(hints.fewest, most), min(hints.most or most, most)
    return _cut_within(tree, bounds, threshold, smallest)[groups]


def plain_tree(points: Points) -> Tree:
    """Return the tree of centroid linkage over points that count one each."""
    links = linkage(points, "centroid")
    sizes = np.concatenate([np.ones(len(points)), links[:, 3]])
    return Tree(links[:, :2].astype(np.intp), links[:, 2], sizes)


def weighted_tree(points: Points, weights: NDArray[np.float64]) -> Tree:
    """Return the tree of centroid linkage over points that stand for many each."""
    count = len(points)
    centres, mass, name = points.astype(np.float64), weights.copy(), np.arange(count)
    squares = np.square(centres).sum(axis=1)
    distances = squares[:, None] + squares - 2 * centres @ centres.T
    np.fill_diagonal(distances, np.inf)
    nearest, least = distances.argmin(axis=1), distances.min(axis=1)
    pairs, heights, sizes = np.zeros((count - 1, 2), np.intp), np.zeros(count - 1), list(mass)
    for index in range(count - 1):
        kept = int(least.argmin())
        gone = int(nearest[kept])
        pairs[index] = name[kept], name[gone]
        heights[index] = np.sqrt(max(0.0, least[kept]))
        total = mass[kept] + mass[gone]
        centres[kept] = (mass[kept] * centres[kept] + mass[gone] * centres[gone]) / total
        mass[kept], name[kept], squares[kept] = total, count + index, np.square(centres[kept]).sum()
        sizes.append(total)
        row = squares + squares[kept] - 2 * centres @ centres[kept]
        row[np.isinf(distances[kept])] = np.inf
        row[gone] = np.inf
        distances[kept] = distances[:, kept] = row
        distances[gone] = distances[:, gone] = np.inf
        is_closer = row < least
        nearest[is_closer], least[is_closer] = kept, row[is_closer]
        least[gone] = np.inf
        stale = np.flatnonzero(((nearest == kept) | (nearest == gone)) & np.isfinite(least))
        stale = np.union1d(stale, [kept])
        nearest[stale] = distances[stale].argmin(axis=1)
        least[stale] = distances[stale, nearest[stale]]
    return Tree(pairs, heights, np.array(sizes))


def group(points: Points) -> Labels:
    """Return small groups of close points, found block by block so that memory stays bounded."""
    share = min(1.0, _MOST_GROUPS / len(points))
    groups, count = [], 0
    for first in range(0, len(points), _BLOCK_POINTS):
        block = points[first : first + _BLOCK_POINTS]
        labels = np.zeros(len(block), np.intp)
        if len(block) > 1:
            merges = len(block) - max(1, int(share * len(block)))
            labels = plain_tree(block).cut(np.arange(len(block) - 1) < merges)
        groups.append(labels + count)
        count += int(labels.max()) + 1
    return np.concatenate(groups)


def centroids(points: Points, labels: Labels) -> tuple[Points, NDArray[np.float64]]:
    """Return the mean and the number of the points of each cluster, those of none left out."""
    is_member = labels >= 0
    sizes = np.bincount(labels[is_member])
    sums = np.zeros((len(sizes), points.shape[1]), np.float64)
    for first in range(0, len(points), _BLOCK_POINTS):
        block = slice(first, first + _BLOCK_POINTS)
        np.add.at(sums, labels[block][is_member[block]], points[block][is_member[block]])
    return (sums / sizes[:, None]).astype(np.float32), sizes.astype(np.float64)


def _cut_within(tree: Tree, bounds: tuple[int, int], threshold: float, smallest: int) -> Labels:
    labels, found = _large(tree, _highest(tree) <= threshold, smallest)
    wanted = min(max(found, *bounds[:1], 1), bounds[1])
    while found != wanted and smallest >= 1:
        is_large = (tree.sizes >= smallest).astype(np.intp)
        change = is_large[tree.leaves :] - is_large[tree.pairs].sum(axis=1)
        start = is_large[: tree.leaves].sum()
        counts = np.concatenate([[start], start + np.cumsum(change)])
        levels = np.flatnonzero(counts == wanted)
        if len(levels):
            heights = np.concatenate([[0.0], tree.heights])[levels]
            level = levels[np.abs(heights - threshold).argmin()]
            labels, found = _large(tree, np.arange(tree.leaves - 1) < level, smallest)
        smallest //= 2
    return labels


def _large(tree: Tree, is_merged: NDArray[np.bool_], smallest: int) -> tuple[Labels, int]:
    """Cut, number the clusters that are large enough from 0, and count them."""
    labels = tree.cut(is_merged)
    sizes = np.bincount(labels, weights=tree.sizes[: tree.leaves])
    is_large = sizes >= smallest
    numbers = np.where(is_large, np.cumsum(is_large) - 1, -1)
    return numbers[labels], int(is_large.sum())


def _highest(tree: Tree) -> NDArray[np.float64]:
    """Return the greatest height at or below each merge; centroids can come closer by merging."""
    highest = np.concatenate([np.zeros(tree.leaves), tree.heights])
    for index, (left, right) in enumerate(tree.pairs, start=tree.leaves):
        highest[index] = max(highest[index], highest[left], highest[right])
    return highest[tree.leaves :]
