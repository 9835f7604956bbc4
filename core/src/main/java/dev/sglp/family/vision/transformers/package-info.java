/// Vision transformers as the library transformers names them, a file each.
@NullMarked
package dev.sglp.family.vision.transformers;

import org.jspecify.annotations.NullMarked;
