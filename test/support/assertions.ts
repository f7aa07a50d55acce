import { config } from "chai";

// a failure's first line is all that the run's summary shows of it
config.truncateThreshold = 2_000;
