/// Vision transformers that classify images, described as plain data.
@NullMarked
package dev.sglp.family.vision;

import org.jspecify.annotations.NullMarked;
