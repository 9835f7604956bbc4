/// Images and labels as numpy's arrays, in `.npz` files.
@NullMarked
package dev.sglp.data.array;

import org.jspecify.annotations.NullMarked;
