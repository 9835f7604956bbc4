/// Which items stand together in the steps of a training, and after which it is measured.
@NullMarked
package dev.sglp.training.course;

import org.jspecify.annotations.NullMarked;
