/// Where images come from: folders and zips, CIFAR's own files, and shapes the program draws itself.
@NullMarked
package dev.sglp.data.source;

import org.jspecify.annotations.NullMarked;
