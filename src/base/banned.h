// SPDX-License-Identifier: AGPL-3.0-or-later
/* banned - functions that cannot be used safely, as compile errors. Included into every file of ours by the build. */
#ifndef WAYMARK_BASE_BANNED_H
#define WAYMARK_BASE_BANNED_H

/* The system's headers that declare them must come first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat strtok sprintf vsprintf gets atoi atol atoll atof
#pragma GCC poison gmtime localtime ctime asctime system popen mktemp tmpnam

#endif
