/// Files of pictures: JPEG, PNG, BMP, GIF and WebP bytes to red, green and blue.
@NullMarked
package dev.sglp.data.picture;

import org.jspecify.annotations.NullMarked;
