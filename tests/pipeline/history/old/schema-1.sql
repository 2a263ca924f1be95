-- What version 1 made of an empty SQLite file.
CREATE TABLE meta (
	"key" TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE sessions (
	session_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	language TEXT NOT NULL,
	began_at DOUBLE NOT NULL,
	ended_at DOUBLE,
	end_reason TEXT,
	PRIMARY KEY (session_id)
);
CREATE INDEX sessions_newest ON sessions (began_at, session_id);
CREATE TABLE consents (
	id INTEGER NOT NULL,
	session_id TEXT NOT NULL,
	at DOUBLE NOT NULL,
	analysis BOOLEAN NOT NULL,
	recording BOOLEAN NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (session_id, at),
	FOREIGN KEY(session_id) REFERENCES sessions (session_id)
);
CREATE TABLE recordings (
	id INTEGER NOT NULL,
	session_id TEXT NOT NULL,
	began_at DOUBLE NOT NULL,
	ended_at DOUBLE,
	PRIMARY KEY (id),
	UNIQUE (session_id, began_at),
	FOREIGN KEY(session_id) REFERENCES sessions (session_id)
);
CREATE TABLE turns (
	id INTEGER NOT NULL,
	session_id TEXT NOT NULL,
	message_id TEXT NOT NULL,
	role TEXT NOT NULL,
	at DOUBLE NOT NULL,
	text TEXT NOT NULL,
	mood TEXT,
	html TEXT,
	model TEXT,
	finish TEXT,
	error TEXT,
	first_ms DOUBLE,
	total_ms DOUBLE,
	prompt_tokens BIGINT,
	completion_tokens BIGINT,
	PRIMARY KEY (id),
	UNIQUE (session_id, message_id, role),
	FOREIGN KEY(session_id) REFERENCES sessions (session_id)
);
CREATE TABLE labels (
	id INTEGER NOT NULL,
	session_id TEXT NOT NULL,
	at DOUBLE NOT NULL,
	window_start DOUBLE NOT NULL,
	window_end DOUBLE NOT NULL,
	emotion TEXT NOT NULL,
	reason TEXT,
	probabilities TEXT NOT NULL,
	confidence DOUBLE,
	valence DOUBLE,
	arousal DOUBLE,
	description TEXT NOT NULL,
	engine TEXT NOT NULL,
	fallback_reason TEXT,
	provisional BOOLEAN NOT NULL,
	video_name TEXT,
	latency TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (session_id, window_end, engine, provisional),
	FOREIGN KEY(session_id) REFERENCES sessions (session_id)
);
CREATE INDEX labels_counted ON labels (session_id, provisional, emotion);
CREATE TABLE clips (
	name TEXT NOT NULL,
	session_id TEXT NOT NULL,
	at DOUBLE NOT NULL,
	start DOUBLE NOT NULL,
	"end" DOUBLE NOT NULL,
	size BIGINT NOT NULL,
	PRIMARY KEY (name),
	FOREIGN KEY(session_id) REFERENCES sessions (session_id)
);
CREATE INDEX clips_of_session ON clips (session_id);
INSERT INTO meta VALUES ('schema_version', '1');
