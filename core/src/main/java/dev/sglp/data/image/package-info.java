/// Images with class labels: where they lie, how they are decoded, and which of them play which role.
@NullMarked
package dev.sglp.data.image;

import org.jspecify.annotations.NullMarked;
