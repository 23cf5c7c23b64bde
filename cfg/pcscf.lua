-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- The routes of cfg/pcscf.cfg in Lua (KEMI), for sites that write theirs so. cfg/pcscf-lua.cfg loads this file.
--
-- continue_route of ims_alg names a function here: RELAY. A function that exits where a route of the cfg would: `done()`.
-- What returns true, false or 0 in the cfg returns 1, -1 or 0 here: compare with 1. The event routes of the cfg run as ever.

local with_alg = KSR.alg ~= nil

local function done()
	KSR.x.exit()
end
local function method(...)
	for _, m in ipairs({...}) do
		if KSR.pv.get("$rm") == m then return true end
	end
	return false
end
local function refuse(code, text)
	KSR.sl.sl_send_reply(code, text)
	done()
end
local function has_totag()
	return KSR.siputils.has_totag() == 1
end

-- ---- pcscf-seamless.cfg, pcscf-border.cfg

local function seamless_check()
	if KSR.seamless_pcscf.check() ~= 1 then done() end
end
local function seamless_session()
	if method("INVITE", "UPDATE", "BYE") then KSR.seamless_pcscf.session() end
end

-- ims.emergency (pcscf-lua.cfg). "registration": a phone that is not registered for emergencies is to register so; "elsewhere": it
-- calls where it is; "": the call goes on.
local function border_emergency()
	local emergency = KSR.pv.getw("$sel(cfg_get.ims.emergency)")
	if not string.find(KSR.pv.getw("$ru"), "^urn:service:sos") then return end
	if emergency == "" then return end
	if emergency == "registration" and string.find(KSR.pv.getw("$flow(contact)"), ";sos") then return end
	local action = emergency == "registration" and "<action>emergency-registration</action>" or ""
	local path = KSR.pv.gete("$flow(path)")
	if path == "" then path = "sip:" .. KSR.pv.getw("$sel(cfg_get.ims.pcscf_host)") .. ";lr" end
	KSR.hdr.append_to_reply("P-Asserted-Identity: <" .. path .. ">\r\n")
	KSR.textops.set_reply_body("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ims-3gpp version=\"1\"><alternative-service>" ..
		"<type>emergency</type><reason>emergency call</reason>" .. action .. "</alternative-service></ims-3gpp>",
		"application/3gpp-ims+xml")
	refuse(380, "Alternative Service")
end

-- ---- requests

-- A request that has waited for a gateway begins here again, and finds KSR.alg.manage() done.
function RELAY()
	if with_alg and method("INVITE", "ACK", "PRACK", "UPDATE", "BYE") and KSR.alg.manage() ~= 1 then done() end
	-- Not before an INVITE has waited for a gateway: it would fail by this while it waits.
	if KSR.pv.is_null("$avp(phones_path)") ~= 1 then
		KSR.tm.t_set_fr(0, tonumber(KSR.pv.getw("$sel(cfg_get.ims.scscf_patience)")))
		KSR.tm.t_on_failure("INVITE_OF_PHONE_FAILED")
	end
	-- What has waited is answered by tm itself when it cannot be sent.
	if KSR.tm.t_relay() ~= 1 and KSR.tmx.t_is_failure_route() ~= 1 then KSR.sl.sl_reply_error() end
	done()
end

local function register()
	-- The transaction first: a repeated REGISTER must not begin a second security agreement beside the first.
	if KSR.tm.t_newtran() ~= 1 then done() end
	seamless_check()
	if KSR.flow.register() ~= 1 then done() end
	KSR.seamless_pcscf.register()
	if KSR.border.register() ~= 1 then refuse(500, "Server Internal Error") end
	KSR.tm.t_on_reply("REGISTER_ANSWERED")
	-- the I-CSCF may have to try several S-CSCFs; the phone waits for 32 s
	KSR.tm.t_set_fr(0, 31000)
	KSR.pv.sets("$du", "sip:icscf." .. KSR.pv.getw("$sel(cfg_get.ims.home_domain)") .. ":5060")
	RELAY()
end

function REGISTER_ANSWERED()
	KSR.flow.register_reply()
	if KSR.pv.get("$rs") == 200 then KSR.seamless_pcscf.register_reply() end
	KSR.border.register_answer()
	return 1
end

local function record_route()
	if method("INVITE", "SUBSCRIBE", "REFER", "NOTIFY", "UPDATE") then KSR.border.record_route() end
end

-- A session that moves here from another P-CSCF has no ticket of ours. It may only go to the user's S-CSCF.
local function dialog_moved()
	if KSR.seamless_pcscf.dialog() == 1 and KSR.border.moved() == 1 then return end
	if not method("ACK") then KSR.sl.sl_send_reply(403, "Not On This Dialog") end
	done()
end

local function from_phone()
	seamless_check()
	if KSR.flow.check() ~= 1 then done() end
	if method("ACK") then
		if KSR.border.ack() ~= 1 then done() end
		KSR.tm.t_check_trans()
		if not has_totag() then done() end
	end
	if not has_totag() then border_emergency() end
	if KSR.border.dialog() ~= 1 then dialog_moved() end
	KSR.rr.loose_route()
	if KSR.border.from_ue() ~= 1 then done() end
	record_route()
	seamless_session()
	KSR.tm.t_on_reply("ANSWER_TO_PHONE")
	if method("INVITE") and not has_totag() then KSR.pv.sets("$avp(phones_path)", KSR.pv.gete("$flow(path)")) end
	RELAY()
end

-- The S-CSCF is not there: the phone registers again with another; see pcscf.cfg.
function INVITE_OF_PHONE_FAILED()
	if KSR.tm.t_branch_timeout() ~= 1 or KSR.tm.t_branch_replied() == 1 then return 1 end
	KSR.hdr.append_to_reply("P-Asserted-Identity: <" .. KSR.pv.gete("$avp(phones_path)") .. ">\r\n")
	KSR.textops.set_reply_body("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ims-3gpp version=\"1\"><alternative-service>" ..
		"<type>restoration</type><reason>no answer</reason><action>initial-registration</action></alternative-service>" ..
		"</ims-3gpp>", "application/3gpp-ims+xml")
	KSR.tm.t_reply(504, "S-CSCF Does Not Answer")
	return 1
end

local function from_core()
	if method("NOTIFY") and KSR.seamless_pcscf.notify() == 1 then done() end
	-- What begins something comes by the Path, from the S-CSCF of the user; see pcscf.cfg.
	if not has_totag() and not method("ACK") and not string.find(KSR.pv.getw("$(hdr(Route)[0])"), "sips?:flow1[.]") then
		refuse(404, "Not Found")
	end
	KSR.rr.loose_route()
	local found = KSR.flow.route()
	if found == 0 then done() end
	if found ~= 1 then
		if not method("ACK") then KSR.sl.sl_send_reply(404, "Not Found") end
		done()
	end
	if KSR.border.to_ue() ~= 1 then
		if not method("ACK") then KSR.sl.sl_send_reply(500, "Server Internal Error") end
		done()
	end
	record_route()
	seamless_session()
	KSR.tm.t_on_reply("ANSWER_FROM_PHONE")
	RELAY()
end

function ksr_request_route()
	if KSR.maxfwd.process_maxfwd(70) ~= 1 then refuse(483, "Too Many Hops") end
	if KSR.sanity.sanity_check(1511, 7) ~= 1 then done() end
	if method("CANCEL") then
		-- Every callee sees the branch of a call: only the flow that has sent the INVITE ends it.
		if KSR.border.cancel() == 1 then KSR.tm.t_relay() end
		done()
	end
	-- 0: a request that is repeated; its answer has been sent again
	if not method("ACK") and KSR.tm.t_check_trans() == 0 then done() end
	if method("REGISTER") then
		register()
	elseif KSR.flow.from_ue() == 1 then
		from_phone()
	elseif KSR.flow.access_side() ~= 1 then
		from_core()
	elseif not method("ACK") then
		-- A stranger, or a phone whose flow has ended; see pcscf.cfg.
		if has_totag() then refuse(481, "Call/Transaction Does Not Exist") end
		border_emergency()
		refuse(403, "Forbidden")
	end
	return 1
end

-- ---- answers

-- What does not go on, or not yet, ends here. It is not dropped: tm has to know that it came.
local function alg_answer()
	if with_alg and KSR.alg.manage() == 0 then done() end
end

function ksr_reply_route()
	if KSR.border.answer_readable() ~= 1 then KSR.x.drop() end
	if KSR.flow.access_side() == 1 then
		if KSR.border.answer_due() ~= 1 then KSR.x.drop() end
	elseif KSR.tm.t_check_trans() ~= 1 then
		-- A 2xx that is repeated when its transaction has gone: no function for answers sees it.
		alg_answer()
		if KSR.border.answer_to_ue() ~= 1 then KSR.x.drop() end
	end
	return 1
end

function ANSWER_TO_PHONE()
	alg_answer()
	-- 430 is said between proxies (RFC 5626 11.5).
	if KSR.pv.get("$rs") == 430 then KSR.textopsx.change_reply_status(480, "Temporarily Unavailable") end
	KSR.border.answer_to_ue()
	return 1
end

function ANSWER_FROM_PHONE()
	alg_answer()
	KSR.border.answer_from_ue()
	return 1
end
