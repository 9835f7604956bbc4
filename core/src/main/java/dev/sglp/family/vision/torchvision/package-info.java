/// Vision transformers as torchvision names them.
@NullMarked
package dev.sglp.family.vision.torchvision;

import org.jspecify.annotations.NullMarked;
