-- A database of the first release (simulated content, pepper of 32 times p), as sqlite3 dumps it.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('csf_0001');
CREATE TABLE api_keys (
	key_id VARCHAR(16) NOT NULL, 
	mac VARCHAR(64) NOT NULL, 
	tenant VARCHAR(64) NOT NULL, 
	scopes TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_api_keys PRIMARY KEY (key_id)
);
INSERT INTO "api_keys" VALUES('635b2e9c15cb','6c197295faa2dc2d947b347101dbd3d6b6582b8a3a8e9efbdc74312a4caa63b5','lab','predict','2026-01-02 12:00:00.000000','2027-01-02 12:00:00.000000',NULL);
INSERT INTO "api_keys" VALUES('470d79e498e8','3879b0a4cd9aac7f01a17061ddbdad6da4c05d2776320c9680dc06ebd128b2ff','lab','predict read read-patient','2026-01-02 12:00:00.000000','2126-01-02 12:00:00.000000',NULL);
CREATE TABLE audit_events (
	seq INTEGER NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	tenant VARCHAR(64) NOT NULL, 
	actor VARCHAR(64) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	subject VARCHAR(128) NOT NULL, 
	details TEXT NOT NULL, 
	previous_hash VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_events PRIMARY KEY (seq)
);
INSERT INTO "audit_events" VALUES(1,'2026-01-02T12:00:00+00:00','lab','actor','prediction_recorded','00000000-0000-0000-0000-000000000001','{"answer_sha256":"5e3e66b696098b4efc842d92ae12ffaa5835afb2256b08034f7f3aa464562712","bundle_id":"20260102T120000Z-0123456789ab","content_sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","input_sha256":"f3013f933b9fb80ab6d995e7ad9da36f683837ba1d81e950c943d40111eac2f0"}','0000000000000000000000000000000000000000000000000000000000000000','be35eff249e14c50a47c831004a6078a03086f2c81d278165bed5b903889702f');
INSERT INTO "audit_events" VALUES(2,'2026-01-02T13:00:00+00:00','lab','actor','prediction_recorded','00000000-0000-0000-0000-000000000002','{"answer_sha256":"5ad4ab8d7a53f2ab00f96de87cb7dcbb68034ac77b7720fd6a90e9a37400d883","bundle_id":"20260102T120000Z-0123456789ab","content_sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","input_sha256":"2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd"}','be35eff249e14c50a47c831004a6078a03086f2c81d278165bed5b903889702f','7a31d87289908d8c25fa7d3e7b59daac3de738cb2e48e45eb2abb8346c1cdb10');
INSERT INTO "audit_events" VALUES(3,'2026-01-02T14:00:00+00:00','lab','actor','prediction_recorded','00000000-0000-0000-0000-000000000003','{"answer_sha256":"60e40cc789c379006bdfe252367d3e49eb667987c82b3618334910fa6fd7dc17","bundle_id":"20260102T120000Z-0123456789ab","content_sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","input_sha256":"363379742f80b51bdb9206579af7754911543079b9399cb3fc315fb199f476e8","supersedes":"00000000-0000-0000-0000-000000000001"}','7a31d87289908d8c25fa7d3e7b59daac3de738cb2e48e45eb2abb8346c1cdb10','fd4f605322e3ddc07d09e273b100e3ac292499e950029f81fb47a19ffe67daef');
INSERT INTO "audit_events" VALUES(4,'2026-01-02T12:00:00+00:00','lab','actor','outcome_recorded','00000000-0000-0000-0000-000000000002','{"outcome_sha256":"f9fe4c4d389dcb4afe6f0ada2e1f5e53b7232847d931e28996cc6494d2a4e512"}','fd4f605322e3ddc07d09e273b100e3ac292499e950029f81fb47a19ffe67daef','d1024106c1c2d457d9e0892508a658965d447e85fc896ad9d1417fc99a98d3ea');
INSERT INTO "audit_events" VALUES(5,'2026-01-02T12:00:00+00:00','lab','actor','input_erased','00000000-0000-0000-0000-000000000001','{"input_sha256":"f3013f933b9fb80ab6d995e7ad9da36f683837ba1d81e950c943d40111eac2f0"}','d1024106c1c2d457d9e0892508a658965d447e85fc896ad9d1417fc99a98d3ea','88fd0a2b4bc6a183c9ab4e8f91ca4f00365977a222c10d76b99c15173911b119');
INSERT INTO "audit_events" VALUES(6,'2026-01-02T12:00:00+00:00','lab','actor','prediction_voided','00000000-0000-0000-0000-000000000002','{}','88fd0a2b4bc6a183c9ab4e8f91ca4f00365977a222c10d76b99c15173911b119','453bfdcdf7aef75426cdafe32ef805fec3863997b324aa38dd76bd444068741a');
INSERT INTO "audit_events" VALUES(7,'2026-01-02T12:00:00+00:00','lab','command line','key_created','635b2e9c15cb','{"expires_at":"2027-01-02T12:00:00+00:00","scopes":["predict"]}','453bfdcdf7aef75426cdafe32ef805fec3863997b324aa38dd76bd444068741a','da9cea4343bf7a9e49e346e42a2bf8fc5234bade91e4c80c6e8ff18626bcfa30');
INSERT INTO "audit_events" VALUES(8,'2026-01-02T12:00:00+00:00','lab','command line','key_created','470d79e498e8','{"expires_at":"2126-01-02T12:00:00+00:00","scopes":["predict","read","read-patient"]}','da9cea4343bf7a9e49e346e42a2bf8fc5234bade91e4c80c6e8ff18626bcfa30','c371db5623b4d6940488d867e19609e81d7f23cd02cc299783cf3f5273b7fdd3');
CREATE TABLE audit_head (
	one INTEGER NOT NULL, 
	store_id VARCHAR(36) NOT NULL, 
	pepper_check VARCHAR(64) NOT NULL, 
	n_events BIGINT NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	mac VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_head PRIMARY KEY (one), 
	CONSTRAINT ck_audit_head_one_row CHECK (one = 1)
);
INSERT INTO "audit_head" VALUES(1,'4130f319-942d-4bc8-bb4c-ef20e51dff55','933a2418ad4ff3206d46bea6e6cc1ff15390dfeb506a374d61538f57ca6af45e',8,'c371db5623b4d6940488d867e19609e81d7f23cd02cc299783cf3f5273b7fdd3','76fe84eb0ff48887d69326ba2b24e07b17419075ac3d12652e658f5d081b64d2');
CREATE TABLE idempotency_keys (
	client VARCHAR(64) NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	body_sha256 VARCHAR(64) NOT NULL, 
	status INTEGER NOT NULL, 
	answer BLOB NOT NULL, 
	prediction_id VARCHAR(64), 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_idempotency_keys PRIMARY KEY (client, "key")
);
INSERT INTO "idempotency_keys" VALUES('client','key-0','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',201,X'7B2273636F7265223A302E307D','00000000-0000-0000-0000-000000000001','2026-01-02 12:00:00.000000');
INSERT INTO "idempotency_keys" VALUES('client','key-1','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',201,X'7B2273636F7265223A302E317D','00000000-0000-0000-0000-000000000002','2026-01-02 13:00:00.000000');
INSERT INTO "idempotency_keys" VALUES('client','key-2','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',201,X'7B2273636F7265223A302E327D','00000000-0000-0000-0000-000000000003','2026-01-02 14:00:00.000000');
CREATE TABLE outcomes (
	number INTEGER NOT NULL, 
	prediction_id VARCHAR(64) NOT NULL, 
	responder BOOLEAN NOT NULL, 
	definition VARCHAR(64) NOT NULL, 
	horizon_months FLOAT, 
	observed_on DATE NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	recorded_by VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_outcomes PRIMARY KEY (number), 
	CONSTRAINT fk_outcomes_prediction_id FOREIGN KEY(prediction_id) REFERENCES predictions (prediction_id)
);
INSERT INTO "outcomes" VALUES(4,'00000000-0000-0000-0000-000000000002',1,'oh2018',4.0,'2026-05-01','2026-01-02 12:00:00.000000','actor');
CREATE TABLE predictions (
	number INTEGER NOT NULL, 
	prediction_id VARCHAR(64) NOT NULL, 
	tenant VARCHAR(64) NOT NULL, 
	patient_id VARCHAR(64), 
	created_at DATETIME NOT NULL, 
	task VARCHAR(64) NOT NULL, 
	bundle_id VARCHAR(128) NOT NULL, 
	content_sha256 VARCHAR(64) NOT NULL, 
	input BLOB, 
	input_sha256 VARCHAR(64) NOT NULL, 
	answer BLOB NOT NULL, 
	supersedes VARCHAR(64), 
	voided_at DATETIME, 
	erased_at DATETIME, 
	CONSTRAINT pk_predictions PRIMARY KEY (number), 
	CONSTRAINT uq_predictions_prediction_id UNIQUE (prediction_id), 
	CONSTRAINT uq_predictions_supersedes UNIQUE (supersedes), 
	CONSTRAINT fk_predictions_supersedes FOREIGN KEY(supersedes) REFERENCES predictions (prediction_id), 
	CONSTRAINT ck_predictions_erased_whole CHECK ((erased_at IS NULL) = (input IS NOT NULL) AND (erased_at IS NULL OR patient_id IS NULL))
);
INSERT INTO "predictions" VALUES(1,'00000000-0000-0000-0000-000000000001','lab',NULL,'2026-01-02 12:00:00.000000','on_treatment','20260102T120000Z-0123456789ab','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',NULL,'f3013f933b9fb80ab6d995e7ad9da36f683837ba1d81e950c943d40111eac2f0',X'7B2273636F7265223A302E307D',NULL,NULL,'2026-01-02 12:00:00.000000');
INSERT INTO "predictions" VALUES(2,'00000000-0000-0000-0000-000000000002','lab','SIMULATED-1','2026-01-02 13:00:00.000000','on_treatment','20260102T120000Z-0123456789ab','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',X'7B226E223A317D','2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd',X'7B2273636F7265223A302E317D',NULL,'2026-01-02 12:00:00.000000',NULL);
INSERT INTO "predictions" VALUES(3,'00000000-0000-0000-0000-000000000003','lab','SIMULATED-2','2026-01-02 14:00:00.000000','on_treatment','20260102T120000Z-0123456789ab','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',X'7B226E223A327D','363379742f80b51bdb9206579af7754911543079b9399cb3fc315fb199f476e8',X'7B2273636F7265223A302E327D','00000000-0000-0000-0000-000000000001',NULL,NULL);
CREATE INDEX ix_predictions_tenant_created_at_number ON predictions (tenant, created_at, number);
CREATE INDEX ix_predictions_tenant_patient_id_created_at_number ON predictions (tenant, patient_id, created_at, number);
CREATE INDEX ix_outcomes_prediction_id ON outcomes (prediction_id);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE TRIGGER audit_events_refuse_delete BEFORE DELETE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events are only added to'); END;
CREATE TRIGGER outcomes_refuse_delete BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are only added to'); END;
CREATE TRIGGER predictions_refuse_delete BEFORE DELETE ON predictions BEGIN SELECT RAISE(ABORT, 'predictions are only added to'); END;
CREATE TRIGGER audit_head_refuse_delete BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, 'audit_head are only added to'); END;
CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE OF seq, at, tenant, actor, action, subject, details, previous_hash, hash ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events are only added to'); END;
CREATE TRIGGER outcomes_refuse_update BEFORE UPDATE OF number, prediction_id, responder, definition, horizon_months, observed_on, recorded_at, recorded_by ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are only added to'); END;
CREATE TRIGGER predictions_refuse_update BEFORE UPDATE OF number, prediction_id, tenant, created_at, task, bundle_id, content_sha256, input_sha256, answer, supersedes ON predictions BEGIN SELECT RAISE(ABORT, 'predictions are only added to'); END;
COMMIT;
