/// Criteria that score sets of layers, and the search over candidate sets.
@NullMarked
package dev.sglp.importance;

import org.jspecify.annotations.NullMarked;
