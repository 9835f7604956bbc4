/// How a picture becomes what a network looks at, as plain data.
@NullMarked
package dev.sglp.preparation;

import org.jspecify.annotations.NullMarked;
