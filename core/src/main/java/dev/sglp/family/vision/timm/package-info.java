/// Vision transformers as timm names them.
@NullMarked
package dev.sglp.family.vision.timm;

import org.jspecify.annotations.NullMarked;
