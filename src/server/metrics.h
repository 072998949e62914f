// SPDX-License-Identifier: AGPL-3.0-or-later
/* metrics - the gateway's counts in Prometheus' text form (exposition format 0.0.4). No number, no text, no name. */
#ifndef WAYMARK_SERVER_METRICS_H
#define WAYMARK_SERVER_METRICS_H

#include "server/request.h"

void metrics_serve(struct request *r);

#endif
