/// A trained network as stem, ordered layers and head.
@NullMarked
package dev.sglp.model;

import org.jspecify.annotations.NullMarked;
