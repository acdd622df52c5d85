//! Groups of users. Who is in one is told by the users.

use openvpc_ec2::Error;
use openvpc_model::{IamEvent, IamGroup, IamUser, IdentityPolicies};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cx::{Cx, done, read};
use crate::holder::{check_bare, text};
use crate::names::{check_name, is_taken, path};
use crate::paging::{is_below, page};
use crate::refuse::{exists, in_use, no_such, quota};
use crate::{Action, user};

const NAME_LEN_MAX: usize = 128;
const GROUPS_MAX: usize = 300;
const GROUPS_PER_USER_MAX: usize = 10;

pub const ACTIONS: &[Action] = &[
    ("CreateGroup", |cx, input| create(cx, read(input)?)),
    ("GetGroup", |cx, input| get(cx, &input)),
    ("ListGroups", |cx, input| list(cx, &input)),
    ("UpdateGroup", |cx, input| update(cx, read(input)?)),
    ("DeleteGroup", |cx, input| delete(cx, &input)),
    ("AddUserToGroup", |cx, input| add(cx, &input)),
    ("RemoveUserFromGroup", |cx, input| remove(cx, &input)),
    ("ListGroupsForUser", |cx, input| list_for_user(cx, &input)),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateRequest {
    group_name: String,
    path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateRequest {
    group_name: String,
    new_group_name: Option<String>,
    new_path: Option<String>,
}

fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    check_name(&req.group_name, "groupName", NAME_LEN_MAX)?;
    check_free(cx, &req.group_name)?;
    if cx.own().groups.len() >= GROUPS_MAX {
        return Err(quota("GroupsPerAccount", GROUPS_MAX));
    }
    let group = IamGroup {
        entity: cx.new_entity("AGPA", &req.group_name, path(req.path)?, Default::default()),
        policies: IdentityPolicies::default(),
    };
    let answer = json!({"Group": render(cx, &group)});
    cx.emit(IamEvent::GroupPut(group));
    Ok(answer)
}

fn check_free(cx: &Cx, name: &str) -> Result<(), Error> {
    if is_taken(name, cx.own().groups.keys()) {
        return Err(exists(format!("Group with name {name} already exists.")));
    }
    Ok(())
}

fn find<'a>(cx: &Cx<'a>, name: &str) -> Result<&'a IamGroup, Error> {
    cx.own()
        .groups
        .get(name)
        .ok_or_else(|| no_such("group", name))
}

fn members<'a>(cx: &Cx<'a>, group: &str) -> impl Iterator<Item = &'a IamUser> + use<'a> {
    let group = group.to_owned();
    let users = cx.own().users.values();
    users.filter(move |user| user.groups.contains(&group))
}

fn get(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let group = find(cx, text(input, "GroupName"))?;
    let members = members(cx, &group.entity.name).map(|user| (user.entity.name.clone(), user));
    let mut answer = page(input, "Users", members, |user| user::render(cx, user))?;
    answer["Group"] = render(cx, group);
    Ok(answer)
}

fn list(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let groups = cx.own().groups.iter();
    let groups = groups
        .filter(|(_, group)| is_below(input, &group.entity.path))
        .map(|(name, group)| (name.clone(), group));
    page(input, "Groups", groups, |group| render(cx, group))
}

fn list_for_user(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let user = user::find(cx, text(input, "UserName"))?;
    let groups = user.groups.iter();
    let groups = groups.filter_map(|name| Some((name.clone(), cx.own().groups.get(name)?)));
    page(input, "Groups", groups, |group| render(cx, group))
}

fn update(cx: &mut Cx, req: UpdateRequest) -> Result<Value, Error> {
    let mut group = find(cx, &req.group_name)?.clone();
    if let Some(new) = req.new_path {
        group.entity.path = path(Some(new))?;
    }
    let Some(new) = req.new_group_name.filter(|new| *new != req.group_name) else {
        cx.emit(IamEvent::GroupPut(group));
        return done();
    };
    check_name(&new, "newGroupName", NAME_LEN_MAX)?;
    if !new.eq_ignore_ascii_case(&req.group_name) {
        check_free(cx, &new)?;
    }
    group.entity.name = new.clone();
    for member in members(cx, &req.group_name) {
        let mut member = member.clone();
        member.groups.remove(&req.group_name);
        member.groups.insert(new.clone());
        cx.emit(IamEvent::UserPut(member));
    }
    cx.emit(IamEvent::GroupDeleted(req.group_name));
    cx.emit(IamEvent::GroupPut(group));
    done()
}

fn delete(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let group = find(cx, text(input, "GroupName"))?;
    check_bare(&group.policies)?;
    if members(cx, &group.entity.name).next().is_some() {
        return Err(in_use(
            "Cannot delete entity, must remove users from group first.",
        ));
    }
    cx.emit(IamEvent::GroupDeleted(group.entity.name.clone()));
    done()
}

fn add(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let group = find(cx, text(input, "GroupName"))?;
    let mut user = user::find(cx, text(input, "UserName"))?.clone();
    user.groups.insert(group.entity.name.clone());
    if user.groups.len() > GROUPS_PER_USER_MAX {
        return Err(quota("GroupsPerUser", GROUPS_PER_USER_MAX));
    }
    cx.emit(IamEvent::UserPut(user));
    done()
}

fn remove(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let group = find(cx, text(input, "GroupName"))?;
    let mut user = user::find(cx, text(input, "UserName"))?.clone();
    user.groups.remove(&group.entity.name);
    cx.emit(IamEvent::UserPut(user));
    done()
}

fn render(cx: &Cx, group: &IamGroup) -> Value {
    let entity = &group.entity;
    json!({
        "Path": entity.path,
        "GroupName": entity.name,
        "GroupId": entity.id,
        "Arn": entity.arn(cx.account(), "group"),
        "CreateDate": entity.created_at,
    })
}
