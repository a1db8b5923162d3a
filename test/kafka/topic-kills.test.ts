// Some kills of migrations of topics, at each run of the tests.

import { topicKillSuite } from "./topic-kill-suite.js";

topicKillSuite({ kills: 10, atOnce: 3, timeout: 400_000 });
