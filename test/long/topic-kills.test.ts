// Many kills of migrations of topics.

import { topicKillSuite } from "../kafka/topic-kill-suite.js";

topicKillSuite({ kills: 120, atOnce: 4, timeout: 3_600_000 });
